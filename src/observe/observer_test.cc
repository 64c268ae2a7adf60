#include "observe/testing/recording_observer.h"

#include <gtest/gtest.h>

#include <array>

namespace caisson::observe {
namespace {

TEST(Observer, TheBaseClassIsOffAndAcceptsEverything) {
  Observer nobody;
  EXPECT_FALSE(nobody.enabled());
  nobody.on_event(Event{"some.event", {}});
}

TEST(RecordingObserver, KeepsNamesAndAttributes) {
  RecordingObserver recorder;
  const std::array attributes = {Attribute{"count", std::int64_t{3}}, Attribute{"name", std::string_view("a")}};
  recorder.on_event(Event{"some.event", attributes});
  recorder.on_event(Event{"some.event_too", {}});
  ASSERT_EQ(recorder.events().size(), 2U);
  EXPECT_EQ(recorder.events()[0], "some.event{count=3,name=a}");
  EXPECT_EQ(recorder.count("some.event"), 1U);
}

}  // namespace
}  // namespace caisson::observe
