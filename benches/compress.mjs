// Compresses what a host would, beside each file: `node compress.mjs CACHE FOLDER`. Slow, and so kept in CACHE by the
// file's hash.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const TEXT_AND_PROGRAMS = [".css", ".html", ".js", ".json", ".mjs", ".svg", ".wasm", ".webmanifest"];
const forms = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  gz: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

async function compress(file, ending) {
  const bytes = await readFile(file);
  const kept = join(cache, `${createHash("sha256").update(bytes).digest("hex")}.${ending}`);
  if (!(await stat(kept).catch(() => null))) {
    await writeFile(`${kept}.part`, await forms[ending](bytes));
    await rename(`${kept}.part`, kept);
  }
  await copyFile(kept, `${file}.${ending}`);
}

const [cache, folder] = process.argv.slice(2);
await mkdir(cache, { recursive: true });
const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const files = entries
  .filter((entry) => entry.isFile() && TEXT_AND_PROGRAMS.includes(extname(entry.name)))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
await Promise.all(files.flatMap((file) => Object.keys(forms).map((ending) => compress(file, ending))));
