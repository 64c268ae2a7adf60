// What the native library promises beyond Wasmtime's own C API.

#include <caisson_native.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

namespace {

TEST(Native, APanicIsCaughtAtTheBoundary) {
  cn_buf text{};
  EXPECT_EQ(cn_test_panic(&text), CN_PANIC);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(text.ptr), text.len), "deliberate");
  cn_buf_free(&text);
  EXPECT_EQ(text.ptr, nullptr);
  cn_buf_free(&text);  // twice is harmless
}

TEST(Native, WasmtimeIsOfTheLongTermLine) { EXPECT_TRUE(std::string(WASMTIME_VERSION).starts_with("48.0.")); }

#ifndef CAISSON_NATIVE_SHARED
TEST(Native, SqliteIsTheBundledOneWithTheFixForItsLog) {
  EXPECT_EQ(sqlite3_libversion_number(), SQLITE_VERSION_NUMBER) << "header and library differ";
  EXPECT_GE(sqlite3_libversion_number(), 3'051'003);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &database), SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(database, "select 40 + 2", -1, &statement, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_step(statement), SQLITE_ROW);
  EXPECT_EQ(sqlite3_column_int(statement, 0), 42);
  sqlite3_finalize(statement);
  sqlite3_close(database);
}
#endif

}  // namespace
