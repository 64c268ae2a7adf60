#include "cli/stop_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <semaphore>

namespace caisson::cli {
namespace {

/// Waits until a stop is requested.
void wait_for(const std::stop_token& token) {
  std::binary_semaphore stopped{0};
  const std::stop_callback tell(token, [&] { stopped.release(); });
  stopped.acquire();
}

TEST(StopSignals, AsksToStopOnEitherSignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const StopSignals signals;
    EXPECT_FALSE(signals.token().stop_requested());
    ASSERT_EQ(::kill(::getpid(), signal), 0);
    wait_for(signals.token());
    EXPECT_TRUE(signals.token().stop_requested());
  }
}

TEST(StopSignals, QuitDoesWhatItWasGivenAndGoesOn) {
  StopSignals signals;
  ASSERT_EQ(::kill(::getpid(), SIGQUIT), 0);  // nobody listens
  std::counting_semaphore<> listed{0};
  signals.on_quit([&] { listed.release(); });
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(::kill(::getpid(), SIGQUIT), 0);
    listed.acquire();
  }
  signals.on_quit({});
  ASSERT_EQ(::kill(::getpid(), SIGQUIT), 0);
  EXPECT_FALSE(signals.token().stop_requested());
}

TEST(StopSignals, EndsWithoutASignal) {
  sigset_t before{};
  sigset_t after{};
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, nullptr, &before), 0);
  for (int i = 0; i < 100; ++i) {
    const StopSignals signals;
    EXPECT_FALSE(signals.token().stop_requested());
  }
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, nullptr, &after), 0);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) {
    EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal)) << "the mask is as it was";
  }
}

TEST(StopSignalsDeathTest, ASecondSignalEndsTheProcessAtOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const StopSignals signals;
        ::kill(::getpid(), SIGINT);
        wait_for(signals.token());
        ::kill(::getpid(), SIGINT);
        while (true) {
          ::pause();
        }
      },
      ::testing::ExitedWithCode(130), "");
}

TEST(StopSignals, WhatWasIgnoredStaysIgnored) {
  // NOLINTBEGIN(concurrency-mt-unsafe): no other thread runs here
  const auto before = std::signal(SIGINT, SIG_IGN);
  {
    const StopSignals signals;
    ASSERT_EQ(::kill(::getpid(), SIGINT), 0);
    ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
    wait_for(signals.token());
    // Had the first signal counted, the second would have ended this process.
  }
  std::signal(SIGINT, before);
  // NOLINTEND(concurrency-mt-unsafe)
}

}  // namespace
}  // namespace caisson::cli
