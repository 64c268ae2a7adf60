// Makes a component of a module that an SDK built for the world caisson:node:
//
//   npm install @bytecodealliance/jco-transpile@0.12.1
//   node component.mjs MODULE.wasm COMPONENT.wasm
//
// What the module imports from WASI preview 1 is translated by the adapter beside this file.

import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";
import binaryen from "binaryen";
import { readFile, writeFile } from "node:fs/promises";

const PROCESS = "caisson:node/processor@1.0.0#process";
const WASI = "wasi_snapshot_preview1";

const beside = (name) => new URL(name, import.meta.url);

/** The module with the exports that the world asks for, which some languages cannot name: they export caisson_process and
 *  caisson_alloc. */
function named(bytes) {
  const given = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map((one) => one.name);
  if (given.includes(PROCESS)) return bytes;
  for (const name of ["caisson_process", "caisson_alloc"]) {
    if (!given.includes(name)) throw new Error(`the module exports neither ${PROCESS} nor ${name}`);
  }
  const module = binaryen.readBinary(bytes);
  module.setFeatures(binaryen.Features.All);
  const { i32, i64 } = binaryen;
  const parameter = (index) => module.local.get(index, i32);
  const inside = (name) => binaryen.getExportInfo(module.getExport(name)).value;
  const add = (name, count, body) => {
    module.addFunction(name, binaryen.createType(Array(count).fill(i32)), i32, [], body);
    module.addFunctionExport(name, name);
  };
  add(PROCESS, 2, module.i32.wrap(module.call(inside("caisson_process"), [parameter(0), parameter(1)], i64)));
  add("cabi_realloc", 4, module.call(inside("caisson_alloc"), [parameter(3)], i32));
  return module.emitBinary();
}

async function main([from, to]) {
  if (to === undefined) throw new Error("usage: node component.mjs MODULE.wasm COMPONENT.wasm");
  const binary = named(await readFile(from));
  const witSource = await readFile(beside("node.wit"), "utf8");
  const imported = WebAssembly.Module.imports(new WebAssembly.Module(binary)).map((one) => one.module);
  const adapters = imported.includes(WASI) ? [[WASI, await readFile(beside(`${WASI}.reactor.wasm`))]] : [];
  await writeFile(to, await componentNew(await componentEmbed({ binary, witSource, world: "node" }), adapters));
}

await main(process.argv.slice(2)).catch((error) => {
  console.error(`component: ${error.message ?? error}`);
  process.exitCode = 1;
});
