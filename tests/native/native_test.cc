// What the native library promises beyond Wasmtime's own C API.

#include <caisson_native.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

namespace {

TEST(Native, APanicIsCaughtAtTheBoundary) {
  wasmtime_error_t* error = cn_test_panic();
  ASSERT_NE(error, nullptr);
  int32_t trap_code = 0;
  EXPECT_EQ(cn_error_status(error, &trap_code), CN_PANIC);
  EXPECT_EQ(trap_code, -1);
  wasm_byte_vec_t text{};
  wasmtime_error_message(error, &text);
  EXPECT_EQ(std::string(text.data, text.size), "deliberate");
  wasm_byte_vec_delete(&text);
  wasmtime_error_delete(error);
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
