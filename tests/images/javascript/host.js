// Stands in front of every test of test262: what a host gives it (../README.md). All are variables: the test may have its own.
var reportCompare = function () {}, print = function () {};
var $ENDED = new Promise(function (resolve) {
  globalThis.$DONE = function (failure) {
    resolve(failure === undefined || failure === null ? null : String(failure));
  };
});
var $262 = {
  global: globalThis,
  gc: function () {},
  detachArrayBuffer: function (buffer) {
    return buffer.transfer();
  },
};
