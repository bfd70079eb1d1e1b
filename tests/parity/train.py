"""Trains the Attention U-Net on a CPU and measures weights: the loss and optimiser of examples/train, more augmentation.

    train.py --data DATA --train train.txt --val val.txt --negatives negatives.txt --out weights
    train.py --data DATA --val LIST [--negatives negatives.txt] --eval weights.safetensors

Lists hold `IMAGE MASK` a line (`negatives` `IMAGE` alone), relative to DATA; the first folder names the source.
Every tenth crack-free image is kept for validation.
"""

import argparse
import copy
import math
import os
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
# Idle threads must not spin: where other work wants the cores, that made a step five times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file

import augment
from attention_unet import AttentionUNet, normalise

CRACK_FREE = 0.25  # of the samples; a quarter of them get drawn cracks
WARM_UP = 100
EMA = 0.998
SAVE_EVERY = 100
MEASURE_EVERY = 700
BINS = 1000
ALARM = 0.001  # share of marked pixels from which a crack-free image counts as a false alarm


def grey(path):
    return np.asarray(Image.open(path).convert("L"))


def pairs(data, listing):
    """(source, image, mask) of each line, as grey bytes."""
    rows = [line.split() for line in Path(listing).read_text().splitlines() if line.strip()]
    return [(image.split("/")[0], grey(data / image), grey(data / mask)) for image, mask in rows]


def crack_free(data, listing):
    """The crack-free images to train on, and those kept aside."""
    images = [grey(data / line.split()[0]) for line in Path(listing).read_text().splitlines() if line.strip()]
    return [image for i, image in enumerate(images, 1) if i % 10], images[9::10]


class Batches(torch.utils.data.Dataset):
    """The batch of a step depends on the seed and the step alone, so a resumed run sees what it would have seen."""

    def __init__(self, samples, negatives, batch, seed, strength):
        self.sources = defaultdict(list)
        for source, image, mask in samples:
            self.sources[source].append((image, mask))
        self.names = sorted(self.sources)
        self.negatives, self.batch, self.seed, self.strength = negatives, batch, seed, strength

    def sample(self, rng):
        if self.negatives and rng.random() < CRACK_FREE:
            return augment.uncracked(rng, self.negatives[rng.integers(len(self.negatives))], self.strength)
        source = self.sources[self.names[rng.integers(len(self.names))]]
        return augment.cracked(rng, *source[rng.integers(len(source))], self.strength)

    def __getitem__(self, step):
        rng = np.random.default_rng([self.seed, step])
        images, labels = zip(*(self.sample(rng) for _ in range(self.batch)))
        images, labels = (torch.from_numpy(np.stack(a).astype(np.float32))[:, None] for a in (images, labels))
        return (images - 0.5) / 0.5, labels


def loss_of(logits, labels):
    """Cross-entropy for calibration, soft Dice over the batch against the rarity of cracks."""
    p = logits.sigmoid()
    dice = (2 * (p * labels).sum() + 1) / (p.sum() + labels.sum() + 1)
    return F.binary_cross_entropy_with_logits(logits, labels) + 1 - dice


@torch.no_grad()
def probabilities(model, image):
    h, w = image.shape
    x = normalise(image.copy())[None, None]
    x = F.pad(x, [0, -w % 16, 0, -h % 16], mode="reflect")
    return model(x.contiguous(memory_format=torch.channels_last)).sigmoid()[0, 0, :h, :w].numpy()


def scores(histogram):
    """Precision, recall and F1 of the pixels at or above each threshold, from counts [2, BINS] (no crack, crack)."""
    false, true = histogram[:, ::-1].cumsum(1)[:, ::-1]
    precision, recall = true / np.maximum(true + false, 1), true / max(true[0], 1)
    return precision, recall, 2 * precision * recall / np.maximum(precision + recall, 1e-9)


def measure(model, samples, negatives, by_source=False):
    model.eval()
    histograms = defaultdict(lambda: np.zeros((2, BINS)))
    for source, image, mask in samples:
        level = (probabilities(model, image) * BINS).astype(int).clip(0, BINS - 1)
        for crack in (0, 1):
            histograms[source][crack] += np.bincount(level[(mask > 127) == crack], minlength=BINS)
    pooled = scores(sum(histograms.values()))
    best = int(pooled[2].argmax())
    for name, i in (("0.5", BINS // 2), ("best", best)):
        precision, recall, f1 = (value[i] for value in pooled)
        print(f"  {name:>4} (p >= {i / BINS:.3f}): precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f}")
    if negatives:
        maps = [probabilities(model, image) for image in negatives]
        for t in (0.5, best / BINS):
            alarms = np.mean([(p >= t).mean() > ALARM for p in maps])
            print(f"  false alarms at {t:.3f}: {alarms:.1%} of {len(maps)} crack-free images")
    if by_source:
        for source, histogram in sorted(histograms.items()):
            f1 = scores(histogram)[2]
            print(f"  {source}: F1 {f1[BINS // 2]:.4f} at 0.5, {f1.max():.4f} at {f1.argmax() / BINS:.3f}")
    print(flush=True)


def write(path, write_to):
    """An interruption must not leave half a file."""
    partial = f"{path}.partial"
    write_to(partial)
    os.replace(partial, path)


def weights_of(model):
    return {name: t.detach().contiguous().clone() for name, t in model.state_dict().items()}


def load_weights(path):
    state = load_file(path) if str(path).endswith(".safetensors") else torch.load(path, map_location="cpu")
    return state.get("ema", state)


def train(args):
    data = Path(args.data)
    negatives, held_out = crack_free(data, args.negatives) if args.negatives else ([], [])
    batches = Batches(pairs(data, args.train), negatives, args.batch, args.seed, args.strength)
    validation = pairs(data, args.val)

    torch.manual_seed(args.seed)
    model = AttentionUNet(width=args.width).to(memory_format=torch.channels_last)
    if args.init:
        model.load_state_dict(load_weights(args.init), strict=False)
    ema = copy.deepcopy(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=1e-4)
    start = 0
    if args.resume:
        checkpoint = torch.load(args.resume, map_location="cpu")
        model.load_state_dict(checkpoint["model"])
        ema.load_state_dict(checkpoint["ema"])
        optimiser.load_state_dict(checkpoint["optimiser"])
        torch.set_rng_state(checkpoint["rng"])
        start = checkpoint["step"]

    loader = torch.utils.data.DataLoader(
        batches, batch_size=None, sampler=range(start, args.steps), num_workers=1, prefetch_factor=4
    )
    began, running = time.time(), []
    for step, (images, labels) in enumerate(loader, start + 1):
        model.train()
        rate = args.lr * min(step / WARM_UP, 0.5 + 0.5 * math.cos(math.pi * step / args.steps))
        for group in optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(images.contiguous(memory_format=torch.channels_last))
        loss = loss_of(logits.float(), labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        with torch.no_grad():
            # Early on the average would still hold the random start, so its memory grows with the steps.
            keep = min(EMA, step / (step + 10))
            for mean, value in zip(ema.parameters(), model.parameters()):
                mean.lerp_(value, 1 - keep)
            for mean, value in zip(ema.buffers(), model.buffers()):
                mean.copy_(value)

        running.append(loss.item())
        if step % 20 == 0:
            pace = (time.time() - began) / (step - start)
            print(f"step {step} loss {np.mean(running):.4f} lr {rate:.2e} {pace:.2f} s/step", flush=True)
            running = []
        if step % SAVE_EVERY == 0 or step == args.steps:
            state = dict(
                model=model.state_dict(),
                ema=ema.state_dict(),
                optimiser=optimiser.state_dict(),
                rng=torch.get_rng_state(),
                step=step,
            )
            write(f"{args.out}.checkpoint", lambda path: torch.save(state, path))
        if step % MEASURE_EVERY == 0 and step < args.steps:
            print(f"validation at step {step}")
            measure(ema, validation, held_out)

    print("validation at the end")
    measure(ema, validation, held_out, by_source=True)
    write(f"{args.out}.safetensors", lambda path: save_file(weights_of(ema), path))
    write(f"{args.out}.pth", lambda path: torch.save(weights_of(ema), path))
    print(f"done: {args.steps} steps, {time.time() - began:.0f} s", flush=True)


def evaluate(args):
    state = load_weights(args.eval)
    model = AttentionUNet(width=state["inc.double_conv.0.weight"].shape[0]).to(memory_format=torch.channels_last)
    # Shipped files are f16 and may leave out the batch counters, which inference does not use.
    model.load_state_dict({name: t.float() for name, t in state.items()}, strict=False)
    held_out = crack_free(Path(args.data), args.negatives)[1] if args.negatives else []
    measure(model, pairs(Path(args.data), args.val), held_out, by_source=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder that the lists are relative to")
    parser.add_argument("--train", help="list of training pairs")
    parser.add_argument("--val", required=True, help="list of pairs to measure on")
    parser.add_argument("--negatives", help="list of crack-free images")
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--steps", type=int, default=2800)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="out", help="weights to write, without the ending")
    parser.add_argument("--strength", type=float, default=1, help="share of heavily augmented samples, 0 to 1")
    parser.add_argument("--init", metavar="WEIGHTS", help="weights to begin with")
    parser.add_argument("--resume", metavar="CHECKPOINT")
    parser.add_argument("--eval", metavar="WEIGHTS", help="only measure these weights")
    args = parser.parse_args()
    torch.set_num_threads(2)
    evaluate(args) if args.eval else train(args)
