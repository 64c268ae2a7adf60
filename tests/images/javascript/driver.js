// Runs one test of test262 in the image (../README.md). PRELUDES, put in front: name -> a file of test262's helpers.
//
// inputs.item: `source`, `preludes` (names), `error` (the name of the error that it has to end with, if it has to), `early` (it
// has to be found before anything runs), `async` (it ends by calling $DONE). The value is null, or what went wrong.
'use strict';

function run(inputs) {
  const { source, preludes, error, early, async } = inputs.item;
  const evaluate = (0, eval);
  const say = (thrown) => {
    try {
      return String(thrown !== null && typeof thrown === 'object' && thrown.name ? `${thrown.name}: ${thrown.message}` : thrown);
    } catch {
      return 'an error without a text';
    }
  };
  const caller = new Promise((resolve) => {
    globalThis.$DONE = (failure) => resolve(failure === undefined || failure === null ? null : say(failure));
  });
  globalThis.print = () => {};
  globalThis.reportCompare = () => {};
  globalThis.$262 = {
    global: globalThis,
    gc() {},
    evalScript: (text) => evaluate(text),
    detachArrayBuffer: (buffer) => buffer.transfer(),
  };
  for (const name of preludes) evaluate(PRELUDES[name]);
  try {
    evaluate(source);
  } catch (thrown) {
    if (!error) return say(thrown);
    let name;
    try {
      name = thrown.constructor.name;
    } catch {
      return 'thrown: no object';
    }
    return name === error ? null : `expected ${error}, got ${say(thrown)}`;
  }
  if (error) return `expected ${error}${early ? ' before anything runs' : ''}`;
  return async ? caller : null;
}
