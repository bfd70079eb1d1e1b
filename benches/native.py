"""Times PyTorch and onnxruntime on this machine's CPU, as it is told line by line: `native.py MODELS`.

Each line is JSON: `{"runtime": "torch" | "onnx", "threads": N, "width": W, "tiles": NAME, "keep": BOOL}`. So is each answer:
`{"seconds": S, "output": BASE64}`, the output (32-bit floats) only where it is to be kept.
"""

import base64
import functools
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from models import SIDE, inputs, load

MODELS = Path(sys.argv[1])


@functools.cache
def tiles(name):
    grey = np.fromfile(MODELS / f"{name}.grey", np.uint8)
    return inputs(grey.reshape(-1, SIDE, SIDE))


@functools.cache
def network(width):
    return load(MODELS / f"w{width}.safetensors")


@functools.cache
def session(width, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    file = str(MODELS / f"w{width}.onnx")
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


@torch.no_grad()
def answer(runtime, threads, width, tiles_name):
    tile = tiles(tiles_name)
    if runtime == "torch":
        torch.set_num_threads(threads)
        model = network(width)
        begin = time.perf_counter()
        output = model(tile).numpy()
    else:
        tile, model = tile.numpy(), session(width, threads)
        begin = time.perf_counter()
        (output,) = model.run(None, {"tile": tile})
    return time.perf_counter() - begin, output


print(json.dumps({"torch": torch.__version__, "onnxruntime": onnxruntime.__version__}), flush=True)
for line in sys.stdin:
    wish = json.loads(line)
    seconds, output = answer(wish["runtime"], wish["threads"], wish["width"], wish["tiles"])
    reply = {"seconds": seconds}
    if wish["keep"]:
        reply["output"] = base64.b64encode(np.ascontiguousarray(output).tobytes()).decode()
    print(json.dumps(reply), flush=True)
