// The standard library of the image of Python: what people use of it where there are no files and no threads.

#include "engine/instance.h"
#include "language/images.h"
#include "sandbox/executor.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace caisson::language {
namespace {

/// What one test compiled is there for the next.
Images& images() {
  static const auto environment = base::make_environment();
  static Images images({.environment = environment.get(), .directory = CAISSON_TEST_IMAGE_CACHE});
  return images;
}

class PythonLibrary : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(find_image(Language::kPython), nullptr); }

  sandbox::Outcome run(std::vector<std::string> imports, std::string code) {
    const Program program{.language = Language::kPython, .code = std::move(code), .imports = std::move(imports)};
    const auto guest = images().bind(program);
    EXPECT_TRUE(guest) << guest.error().message;
    return executor_.call(*guest, Payload(request_for(program, {}), Payload::kJson), policy_, {});
  }

  /// The value, or what went wrong.
  std::string value(std::vector<std::string> imports, std::string code) {
    const sandbox::Outcome outcome = run(std::move(imports), std::move(code));
    return outcome.error ? fmt::format("{}: {}", outcome.error->reason, outcome.error->message)
                         : std::string(outcome.output.bytes());
  }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  base::ThreadPool pool_{{.threads = 1, .stack_bytes = engine::thread_stack_for(4U << 20)}};
  sandbox::InlineExecutor executor_{{.environment = environment_.get(), .pool = &pool_}};
  sandbox::Policy policy_{.limits = {.memory_bytes = 64U << 20, .fuel = std::nullopt},
                          .grants = {.clock = sandbox::ClockMode::kCoarse, .random = sandbox::RandomMode::kReal}};
};

/// Tells what each of `attempts` gives or raises.
std::string told(const std::string& before, const std::vector<std::string>& attempts) {
  std::string code = before + R"(
def told(attempt):
  try: return str(attempt())
  except Exception as error: return f"{type(error).__name__}: {error}"
result = [)";
  for (const std::string& attempt : attempts) {
    code += fmt::format("told(lambda: {}), ", attempt);
  }
  return code + "]";
}

constexpr const char* kAlone = R"("RuntimeError: nothing else runs that could end this wait")";

TEST_F(PythonLibrary, ArgparseSaysHowItIsUsed) {
  const auto outcome = run({"argparse"}, R"(import argparse
parser = argparse.ArgumentParser(prog="tool")
parser.add_argument("--count", type=int, help="how many")
try: parser.parse_args(["--count", "x"])
except SystemExit as end: code = end.code
result = [code, parser.format_usage(), "how many" in parser.format_help()])");
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.output.bytes(), R"([2,"usage: tool [-h] [--count COUNT]\n",true])");
  ASSERT_EQ(outcome.captured.log.size(), 2U);
  EXPECT_EQ(outcome.captured.log[1].text, "tool: error: argument --count: invalid int value: 'x'");
}

TEST_F(PythonLibrary, AMessageIsWrittenAndReadAgain) {
  EXPECT_EQ(value({"email"}, R"(import email, email.policy
from email.message import EmailMessage
message = EmailMessage()
message["Subject"] = "Grüße"
message["To"] = "Ä <a@example.com>"
message.set_content("hé\n")
message.add_alternative("<p>hé</p>\n", subtype="html")
message.add_attachment(b"abc", maintype="application", subtype="octet-stream", filename="a.bin")
again = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
result = [again["subject"], again["to"].addresses[0].display_name, again.get_body(("plain",)).get_content(),
          [part.get_filename() for part in again.iter_attachments()], email.utils.make_msgid().endswith("@localhost>")])"),
            R"(["Grüße","Ä","hé\n",["a.bin"],true])");
}

TEST_F(PythonLibrary, AWaitThatNothingEndsIsAnError) {
  EXPECT_EQ(
      value({"threading", "queue", "asyncio", "concurrent"},
            told(R"(import threading, queue, asyncio, concurrent.futures
lock = threading.Lock()
lock.acquire()
full = queue.Queue(1)
full.put(1)
async def nothing(): pass
def from_another_thread():
  coroutine = nothing()
  try: return asyncio.run_coroutine_threadsafe(coroutine, asyncio.new_event_loop()).result()
  finally: coroutine.close()
)",
                 {"lock.acquire()", "lock.acquire()", "queue.Queue().get()", "queue.SimpleQueue().get()", "full.put(2)",
                  "threading.Event().wait()", "threading.Semaphore(0).acquire()", "threading.Barrier(2).wait()",
                  "concurrent.futures.Future().result()", "from_another_thread()"})),
      fmt::format("[{0},{0},{0},{0},{0},{0},{0},{0},{0},{0}]", kAlone));
}

TEST_F(PythonLibrary, AWaitWithATimeoutEndsThen) {
  EXPECT_EQ(value({"threading", "queue", "time"},
                  told(R"(import threading, queue, time
lock = threading.Lock()
lock.acquire()
begun = time.monotonic()
)",
                       {"lock.acquire(timeout=0.03)", "threading.Event().wait(0.03)", "queue.Queue().get(timeout=0.03)",
                        "queue.SimpleQueue().get(timeout=0.03)", "time.monotonic() - begun > 0.1", "lock.release()",
                        "lock.acquire()"})),
            R"(["False","False","Empty: ","Empty: ","True","None","True"])");
}

TEST_F(PythonLibrary, AWaitWithATimeoutNeedsAClockAsASleepDoes) {
  policy_.grants.clock = sandbox::ClockMode::kDenied;
  EXPECT_EQ(
      value({"threading", "queue", "time"},
            told("import threading, queue, time\nlock = threading.Lock()\nlock.acquire()",
                 {"time.sleep(5)", "lock.acquire(timeout=5)", "threading.Event().wait(5)",
                  "queue.SimpleQueue().get(timeout=5)", "lock.acquire(timeout=0)"})),
      R"(["PermissionError: [Errno 76] Capabilities insufficient","PermissionError: [Errno 76] Capabilities insufficient",)"
      R"("PermissionError: [Errno 76] Capabilities insufficient","PermissionError: [Errno 76] Capabilities insufficient",)"
      R"("False"])");
}

TEST_F(PythonLibrary, AThreadIsRefusedAndNotOnlyUnknown) {
  const std::string refused = R"("RuntimeError: can't start new thread")";
  EXPECT_EQ(
      value({"threading", "asyncio", "concurrent"},
            told(R"(import threading, asyncio, concurrent.futures
from concurrent.futures import ThreadPoolExecutor
def mapped():
  with ThreadPoolExecutor() as pool: return list(pool.map(str, [1]))
async def executed(executor, what):
  return await asyncio.get_running_loop().run_in_executor(executor, what)
async def coroutine(): pass
)",
                 {"threading.Thread(target=print).start()", "ThreadPoolExecutor(1).submit(print)", "mapped()",
                  "asyncio.run(executed(ThreadPoolExecutor(), print))", "asyncio.run(executed(None, lambda: 7))",
                  "asyncio.run(executed(None, coroutine))"})),
      fmt::format(R"json([{0},{0},{0},{0},"7","TypeError: coroutines cannot be used with run_in_executor()"])json",
                  refused));
}

TEST_F(PythonLibrary, EntitiesOfXmlAreReadAndDoNotMultiplyWithoutEnd) {
  const std::string bomb = R"(
bomb = '<!DOCTYPE r [<!ENTITY a0 "lollollollol">'
bomb += "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)) + ']><r>&a9;</r>'
small = '<!DOCTYPE r [<!ENTITY a "text"><!ENTITY b "&a; &a;">]><r>&b;</r>'
outer = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r>&a;</r>'
)";
  EXPECT_EQ(
      value({"xml"}, told("import xml.etree.ElementTree as tree, xml.dom.minidom as dom, xml.sax" + bomb,
                          {"tree.fromstring(small).text", "tree.fromstring(bomb)", "dom.parseString(bomb)",
                           "xml.sax.parseString(bomb, xml.sax.ContentHandler())", "tree.fromstring(outer)"})),
      R"(["text text",)"
      R"("ParseError: limit on input amplification factor (from DTD and entities) breached: line 1, column 540",)"
      R"("ExpatError: limit on input amplification factor (from DTD and entities) breached: line 1, column 540",)"
      R"("SAXParseException: <unknown>:1:540: limit on input amplification factor (from DTD and entities) breached",)"
      R"("ParseError: undefined entity &a;: line 1, column 57"])");
}

TEST_F(PythonLibrary, FormatsAreReadFromMemory) {
  EXPECT_EQ(value({"plistlib", "zipfile", "gzip", "tomllib", "io"}, R"(import plistlib, zipfile, gzip, tomllib, io
file = io.BytesIO()
with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive: archive.writestr("a.txt", "text")
result = [plistlib.loads(plistlib.dumps({"a": [1, "x"]})), zipfile.ZipFile(file).read("a.txt").decode(),
          gzip.decompress(gzip.compress(b"abc")).decode(), tomllib.loads("a = 1")])"),
            R"([{"a":[1,"x"]},"text","abc",{"a":1}])");
}

TEST_F(PythonLibrary, WhatIsAboutFilesSaysThatThereAreNone) {
  EXPECT_EQ(
      value({"shutil", "tempfile", "importlib"},
            told("import shutil, tempfile, importlib.metadata, importlib.resources",
                 {"tuple(shutil.get_terminal_size())", "shutil.copy('/a', '/b')", "shutil.rmtree('/a')",
                  "shutil.which('sh')", "tempfile.mkstemp()", "importlib.invalidate_caches()",
                  "importlib.metadata.version('caisson')", "list(importlib.resources.files('json').iterdir())"})),
      R"json(["(80, 24)","FileNotFoundError: [Errno 44] No such file or directory: '/a'",)json"
      R"("FileNotFoundError: [Errno 44] No such file or directory: '/a'","None",)"
      R"("FileNotFoundError: [Errno 44] No usable temporary directory found in ['/tmp', '/var/tmp', '/usr/tmp', '/']",)"
      R"("None","PackageNotFoundError: No package metadata was found for caisson","[]"])");
}

TEST_F(PythonLibrary, TextOfOtherCountriesIsRead) {
  EXPECT_EQ(
      value({}, R"(names = """shift_jis euc_jp iso2022_jp cp932 gbk gb18030 gb2312 hz big5 cp950 iso8859_5 koi8_r cp1251
mac_cyrillic cp866""".split()
result = [name for name in names if "дом".encode(name).decode(name) != "дом"]
result += [name for name in ["euc_kr", "cp949", "johab"] if "한국".encode(name).decode(name) != "한국"])"),
      "[]");
}

}  // namespace
}  // namespace caisson::language
