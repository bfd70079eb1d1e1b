"""Trains the Attention U-Net by PyTorch, which is the fastest without a GPU: the recipe of examples/train, on its batches.

    train.py --out lite --batches "cargo run --release --example train -- --stream --data DATA --train train.txt
              --negatives negatives.txt --steps 5000 --seed 0" --steps 5000

writes lite.safetensors (the averaged weights so far) and lite.checkpoint every hundred steps; with `--resume` it goes on from
there. `evaluate` measures the weights, `convert` makes them ready for the app.
"""

import argparse
import copy
import math
import os
import shlex
import subprocess
import time

import numpy as np

# Idle threads must not spin: where other work wants the cores, that made a step five times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from attention_unet import AttentionUNet

CROP = 256
WARM_UP = 100
WEIGHT_DECAY = 1e-4
CLIP = 2.0
AVERAGING = 0.998
SAVE_EVERY = 100
# What examples/train/recipe.rs says of how the weights are to be used.
USAGE = {"ours": {"levels": "even", "scales": "two"}, "original": {}}
# Without the instructions for it, 16 bits take nine times as long as 32.
HALF = torch.backends.cpu.get_cpu_capability().startswith("AVX512")


def batches(command, first_step, size):
    """The inputs and targets of each step, from the standard output of examples/train."""
    sampler = subprocess.Popen(shlex.split(command) + ["--first-step", str(first_step)], stdout=subprocess.PIPE)
    count = size * CROP * CROP
    while True:
        data = sampler.stdout.read(2 * 4 * count)
        if len(data) < 2 * 4 * count:
            if sampler.wait():
                raise SystemExit("the command that writes the batches failed")
            return
        values = torch.from_numpy(np.frombuffer(data, "<f4").copy())
        yield values.view(2, size, 1, CROP, CROP).unbind()


def loss_of(logits, targets):
    """Cross-entropy for calibration, soft Dice over the batch against the rarity of cracks."""
    p = logits.sigmoid()
    dice = (2 * (p * targets).sum() + 1) / (p.sum() + targets.sum() + 1)
    return F.binary_cross_entropy_with_logits(logits, targets) + 1 - dice


def write(path, write_to):
    """An interruption must not leave half a file."""
    partial = f"{path}.partial"
    write_to(partial)
    os.replace(partial, path)


def train(args):
    torch.manual_seed(args.seed)
    model = AttentionUNet(width=args.width).to(memory_format=torch.channels_last)
    if args.init:
        model.load_state_dict(load_file(args.init))
    average = copy.deepcopy(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=WEIGHT_DECAY)
    start = 0
    if args.resume:
        checkpoint = torch.load(f"{args.out}.checkpoint", map_location="cpu")
        model.load_state_dict(checkpoint["model"])
        average.load_state_dict(checkpoint["average"])
        optimiser.load_state_dict(checkpoint["optimiser"])
        start = checkpoint["step"]

    began, losses, step = time.time(), [], start
    for step, (inputs, targets) in enumerate(batches(args.batches, start, args.batch), start + 1):
        model.train()
        rate = args.lr * min(step / WARM_UP, 1) * (0.5 + 0.5 * math.cos(math.pi * (step - 1) / args.steps))
        for group in optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16, enabled=HALF):
            logits = model(inputs.contiguous(memory_format=torch.channels_last))
        loss = loss_of(logits.float(), targets)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        for parameter in model.parameters():
            # Each by itself, as Burn does it.
            torch.nn.utils.clip_grad_norm_(parameter, CLIP)
        optimiser.step()
        with torch.no_grad():
            # Early on the average would still hold the random start, so its memory grows with the steps.
            keep = min(AVERAGING, (step - 1) / (step + 9))
            for mean, value in zip(average.state_dict().values(), model.state_dict().values()):
                if mean.is_floating_point():
                    mean.lerp_(value, 1 - keep)
                else:
                    mean.copy_(value)

        losses.append(loss.item())
        if step % 20 == 0:
            pace = (time.time() - began) / (step - start)
            print(f"step {step} loss {np.mean(losses):.4f} lr {rate:.2e} {pace:.2f} s/step", flush=True)
            losses = []
        if step % SAVE_EVERY == 0 or step == args.steps:
            state = dict(
                model=model.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(), step=step
            )
            write(f"{args.out}.checkpoint", lambda path: torch.save(state, path))
            weights = {name: value.contiguous() for name, value in average.state_dict().items()}
            write(f"{args.out}.safetensors", lambda path: save_file(weights, path, USAGE[args.recipe]))
    if step < args.steps:
        raise SystemExit(f"the batches ended after {step} of {args.steps} steps")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", required=True, help="the command that writes them, without --first-step")
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--batch", type=int, default=8, help="crops a step, as the command makes them")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0, help="of the weights at the start; the command has its own")
    parser.add_argument("--out", default="out", help="files to write, without the ending")
    parser.add_argument("--init", metavar="WEIGHTS", help="a .safetensors file to begin with")
    parser.add_argument("--recipe", choices=USAGE, default="ours", help="the command's, for what the file says")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(2)
    train(args)
