#include "cli/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace caisson::cli {
namespace {

/// A pipe whose both ends are closed at the end.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    ::close(ends_[1]);
  }
  [[nodiscard]] int in() const { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) {
      ::close(ends_[0]);
      ends_[0] = -1;
    }
  }
  /// What is in it now.
  [[nodiscard]] std::string content() const {
    std::string out(65536, '\0');
    const ssize_t got = ::read(ends_[0], out.data(), out.size());
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

TEST(Output, KeepsTheOrderOfBothStreams) {
  const Pipe both;
  Output output(both.in(), both.in());
  output.out("one\n");
  output.out("two\n");
  output.error("three\n");
  output.out("four\n");
  EXPECT_EQ(both.content(), "one\ntwo\nthree\n");
  EXPECT_TRUE(output.flush().has_value());
  EXPECT_EQ(both.content(), "four\n");
}

TEST(Output, AStatusStaysBelowWhatIsWritten) {
  const Pipe both;
  Output output(both.in(), both.in());
  const std::string shown = "\r\x1b[K\x1b[?7l1/2\x1b[?7h";
  output.status("1/2");
  EXPECT_EQ(both.content(), shown);
  output.status("1/2");
  EXPECT_EQ(both.content(), "") << "it is the same";
  output.error("bad\n");
  EXPECT_EQ(both.content(), "\r\x1b[Kbad\n" + shown);
  output.out("one\n");
  EXPECT_EQ(both.content(), "") << "not written yet";
  EXPECT_TRUE(output.flush().has_value());
  EXPECT_EQ(both.content(), "\r\x1b[Kone\n" + shown);
  output.status("");
  EXPECT_EQ(both.content(), "\r\x1b[K");
  output.error("end\n");
  EXPECT_EQ(both.content(), "end\n");
}

TEST(Output, LargeOutputIsWrittenBeforeTheEnd) {
  const Pipe errors;
  const int null = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(null, 0);
  Output output(null, errors.in());
  const std::string piece(1 << 20, 'x');
  output.out(piece);
  // The device has refused it already: nothing was kept for the end.
  const Status written = output.flush();
  ::close(null);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().reason, "file.no_space");
  EXPECT_EQ(written.error().category, Category::kResourceExhausted);
  EXPECT_NE(written.error().message.find("the output is not complete"), std::string::npos);
}

TEST(Output, ADescriptorThatIsNotForWritingIsAnError) {
  const Pipe errors;
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(null, 0);
  Output output(null, errors.in());
  EXPECT_TRUE(output.flush().has_value()) << "nothing was written, nothing is lost";
  output.out("x");
  const Status written = output.flush();
  ::close(null);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().reason, "file.io");
}

TEST(Output, AReaderThatHasGoneIsToldFromAFault) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs yet
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  const Pipe errors;
  pipe.close_reader();
  Output output(pipe.in(), errors.in());
  output.out("x");
  const Status written = output.flush();
  std::signal(SIGPIPE, before);  // NOLINT(concurrency-mt-unsafe)
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().reason, kReaderGone);
}

}  // namespace
}  // namespace caisson::cli
