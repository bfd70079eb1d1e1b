"""Trains the Attention U-Net by PyTorch, faster than Burn both without a GPU and with one: the recipe of examples/train,
on its batches.

    train.py --out lite --steps 5000 --batches "cargo run --release --example train -- --stream --data DATA
              --train train.txt --negatives negatives.txt --seed 0 --steps 5000"

writes lite.safetensors (the averaged weights so far) and lite.checkpoint; with `--resume` it goes on from there. `evaluate`
measures the weights, `convert` makes them ready for the app.

With `--teacher` the weights of a file have a say in where cracks are, and none in where there are none.

Several widths learn side by side from the same crops (`--width 32 16 --out large lite`); the first teaches the others.

A GPU learns faster than processors draw crops. There `--samplers` of the command run at once, each at other steps, so the
command's own `--steps` must have no end (1000000000). Their crops stay in the GPU's memory, and each step takes some of them,
turned; `--minutes` instead of `--steps` lets the schedule follow the clock. What comes out then depends on the machine.
"""

import argparse
import copy
import math
import os
import shlex
import subprocess
import threading
import time

import numpy as np

# Idle threads must not spin: where other work wants the cores, that made a step five times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from attention_unet import AttentionUNet

CROP = 256
WARM_UP = 100
WEIGHT_DECAY = 1e-4
CLIP = 2.0
AVERAGING = 0.998
# The part of the pupils' cross-entropy that is towards their teacher, once it knows something.
TRUST = 0.5
TRUSTED_AFTER = 0.3
# The step that a GPU's recording is made of.
RECORDED = 12
# Relative deviation between the copies of a widened weight.
WIDENED_APART = 0.1
# Crops kept on a GPU, and those waited for at the start.
KEPT, FIRST = 60_000, 2_000
# Crops that each sampler may draw without repeating what another one draws.
APART = 10_000_000
# What examples/train/recipe.rs says of how the weights are to be used.
USAGE = {"ours": {"levels": "even", "scales": "two"}, "original": {}}
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
# On a processor without the instructions for it, 16 bits take nine times as long as 32.
HALF = DEVICE.type == "cuda" or torch.backends.cpu.get_cpu_capability().startswith("AVX512")


class Crops(IterableDataset):
    """Inputs and targets [batch, 2, 256, 256] in 8 bits, from the standard output of examples/train."""

    def __init__(self, command, batch, first_step):
        self.command, self.batch, self.first_step = command, batch, first_step

    def __iter__(self):
        worker = get_worker_info()
        first_step = self.first_step + (worker.id * (APART // self.batch) if worker else 0)
        options = ["--batch", str(self.batch), "--first-step", str(first_step)]
        sampler = subprocess.Popen(shlex.split(self.command) + options, stdout=subprocess.PIPE)
        count = 2 * self.batch * CROP * CROP
        while len(data := sampler.stdout.read(4 * count)) == 4 * count:
            inputs, targets = np.frombuffer(data, "<f4").reshape(2, self.batch, CROP, CROP)
            crops = np.stack([(inputs + 1) * 127.5, targets * 255], axis=1)
            yield torch.from_numpy(crops.round().astype(np.uint8))
        if sampler.wait():
            raise SystemExit("the command that writes the batches failed")


class Kept:
    """Batches of the crops that came so far, turned, as long as more come: on a GPU."""

    def __init__(self, loader, batch):
        self.loader, self.batch, self.came = loader, batch, 0
        # Held by whoever must be alone on the GPU.
        self.alone = threading.Lock()
        self.enough = False
        self.crops = torch.empty(KEPT, 2, CROP, CROP, dtype=torch.uint8, device=DEVICE)

    def fill(self):
        for new in self.loader:
            if self.enough:
                return
            with self.alone:
                at = torch.arange(self.came, self.came + len(new), device=DEVICE) % KEPT
                self.crops[at] = new.to(DEVICE)
            self.came += len(new)

    def __iter__(self):
        feeder = threading.Thread(target=self.fill, daemon=True)
        feeder.start()
        try:
            while self.came < FIRST and feeder.is_alive():
                time.sleep(0.1)
            while feeder.is_alive():
                at = torch.randint(min(self.came, KEPT), (self.batch,), device=DEVICE)
                crops = self.crops[at].rot90(int(torch.randint(4, ())), (2, 3))
                yield crops.flip(3) if torch.rand(()) < 0.5 else crops
        finally:
            # Before the processes that draw are ended.
            self.enough = True
            feeder.join()


def batches(args, first_step):
    crops = Crops(args.batches, args.batch, first_step)
    if DEVICE.type == "cpu":
        return DataLoader(crops, batch_size=None)
    return Kept(DataLoader(crops, batch_size=None, num_workers=args.samplers, prefetch_factor=4), args.batch)


def dice_of(logits, targets):
    """What is missing from soft Dice over the batch, against the rarity of cracks."""
    p = logits.sigmoid()
    return 1 - (2 * (p * targets).sum() + 1) / (p.sum() + targets.sum() + 1)


def widened(weights):
    """A network of twice the width that computes about the same (Net2Net, Chen et al. 2016): every channel is there twice,
    a little apart, so that the two go their own ways."""
    wide = {}
    for name, value in weights.items():
        if value.dim() == 0 or name.startswith("outc") and name.endswith("bias"):
            wide[name] = value
            continue
        if value.dim() == 4 and value.shape[1] > 1:
            # Behind a concatenation come first the channels of the skip, twice, then those from below.
            parts = value.chunk(2, 1) if ".conv.double_conv.0." in name else [value]
            value = torch.cat([part / 2 for part in parts for _ in range(2)], 1)
        single = ".psi." in name or name.startswith("outc")
        value = value if single else torch.cat([value, value])
        wide[name] = value * (1 + WIDENED_APART * torch.randn(value.shape)) if value.dim() == 4 else value
    return wide


def joined(one, other):
    """A network of twice the width that computes what two do side by side, and gives the mean of their log-odds. The two share
    their attention: the mean of both."""
    wide = {}
    for name, a in one.items():
        b = other[name]
        if a.dim() == 0:
            wide[name] = a
        elif name.startswith("outc"):
            wide[name] = (a + b) / 2 if name.endswith("bias") else torch.cat([a, b], 1) / 2
        elif ".psi." in name:
            continue
        elif a.dim() == 4 and a.shape[1] > 1:
            # Behind a concatenation come first the channels of both skips, then those from below.
            parts = 2 if ".conv.double_conv.0." in name else 1
            of_one = [x for part in a.chunk(parts, 1) for x in (part, torch.zeros_like(part))]
            of_other = [x for part in b.chunk(parts, 1) for x in (torch.zeros_like(part), part)]
            wide[name] = torch.cat([torch.cat(of_one, 1), torch.cat(of_other, 1)])
        else:
            wide[name] = torch.cat([a, b])
    for level in range(1, 5):
        conv, norm = f"up{level}.att.psi.0", f"up{level}.att.psi.1"
        both = [(w, w[f"{norm}.weight"] / (w[f"{norm}.running_var"] + 1e-5).sqrt()) for w in (one, other)]
        wide[f"{conv}.weight"] = torch.cat([w[f"{conv}.weight"] * by / 2 for w, by in both], 1)
        wide[f"{conv}.bias"] = sum((w[f"{conv}.bias"] - w[f"{norm}.running_mean"]) * by / 2 for w, by in both)
        # As if the two rose and fell together.
        spread = sum(w[f"{norm}.weight"] for w, _ in both) / 2
        wide[f"{norm}.running_mean"], wide[f"{norm}.running_var"] = torch.zeros_like(spread), spread**2 - 1e-5
        wide[f"{norm}.weight"], wide[f"{norm}.bias"] = spread, sum(w[f"{norm}.bias"] for w, _ in both) / 2
    return wide


def initial(files, width):
    """The weights of a file of this width or half of it, or of two of half of it with a plus sign between."""
    weights = [load_file(file) for file in files.split("+")]
    if len(weights) == 2:
        return joined(*weights)
    narrower = len(weights[0]["inc.double_conv.1.weight"]) == width // 2
    return widened(weights[0]) if narrower else weights[0]


class Learner:
    def __init__(self, width, init, out):
        model = AttentionUNet(width=width)
        if init not in (None, "none"):
            model.load_state_dict(initial(init, width))
        self.model = model.to(DEVICE, memory_format=torch.channels_last).train()
        self.average = copy.deepcopy(self.model)
        on_gpu = DEVICE.type == "cuda"
        # What a recorded step is to read anew each time has to lie on the GPU.
        rate = torch.zeros((), device=DEVICE) if on_gpu else 0.0
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), lr=rate, weight_decay=WEIGHT_DECAY, fused=on_gpu, capturable=on_gpu
        )
        self.out, self.loss, self.losses = out, torch.zeros((), device=DEVICE), 0
        pairs = list(zip(self.average.state_dict().values(), self.model.state_dict().values()))
        self.means, self.values = zip(*[pair for pair in pairs if pair[0].is_floating_point()])
        self.counts = [pair for pair in pairs if not pair[0].is_floating_point()]

    def set_rate(self, rate):
        for group in self.optimiser.param_groups:
            if torch.is_tensor(group["lr"]):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def learn(self, inputs, targets, teacher, trust):
        """One step; gives back the probabilities for a pupil."""
        with torch.autocast(DEVICE.type, torch.bfloat16, enabled=HALF):
            logits = self.model(inputs)
        logits = logits.float()
        believed = targets if teacher is None else torch.lerp(targets, teacher, trust)
        # Cross-entropy for calibration.
        loss = F.binary_cross_entropy_with_logits(logits, believed) + dice_of(logits, targets)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        # Each by itself, as Burn does it.
        gradients = [parameter.grad for parameter in self.model.parameters()]
        norms = torch._foreach_norm(gradients)
        torch._foreach_mul_(gradients, [(CLIP / (norm + 1e-6)).clamp(max=1) for norm in norms])
        self.optimiser.step()
        self.loss += loss.detach()
        return logits.detach().sigmoid()

    @torch.no_grad()
    def remember(self, step):
        # Early on the average would still hold the random start, so its memory grows with the steps.
        keep = min(AVERAGING, (step - 1) / (step + 9))
        torch._foreach_lerp_(self.means, self.values, 1 - keep)
        self.losses += 1

    def mean_loss(self):
        """Since it was last asked for."""
        mean = self.loss.item() / self.losses
        self.loss.zero_()
        self.losses = 0
        return mean

    def load(self):
        checkpoint = torch.load(f"{self.out}.checkpoint", map_location=DEVICE)
        self.model.load_state_dict(checkpoint["model"])
        self.average.load_state_dict(checkpoint["average"])
        self.optimiser.load_state_dict(checkpoint["optimiser"])
        return checkpoint["step"]

    def save(self, step, usage):
        for mean, value in self.counts:
            mean.copy_(value)
        state = dict(
            model=self.model.state_dict(),
            average=self.average.state_dict(),
            optimiser=self.optimiser.state_dict(),
            step=step,
        )
        write(f"{self.out}.checkpoint", lambda path: torch.save(state, path))
        weights = {name: value.cpu().contiguous() for name, value in self.average.state_dict().items()}
        write(f"{self.out}.safetensors", lambda path: save_file(weights, path, usage))


class Teacher:
    """Weights that do not learn any more. What they say of a crop as it is and turned around counts by `TRUST` where it shows a
    labelled crack; elsewhere the label alone does, so that a pupil gives up what they mark where there is none."""

    def __init__(self, path):
        weights = load_file(path)
        model = AttentionUNet(width=len(weights["inc.double_conv.1.weight"]))
        model.load_state_dict(weights)
        self.model = model.to(DEVICE, memory_format=torch.channels_last).eval()

    @torch.no_grad()
    def teach(self, inputs, targets):
        """Probabilities, and how far each crop's are to be trusted."""
        turned = inputs.flip(2, 3).contiguous(memory_format=torch.channels_last)
        with torch.autocast(DEVICE.type, torch.bfloat16, enabled=HALF):
            logits = self.model(inputs).float() + self.model(turned).flip(2, 3).float()
        shows_crack = (targets > 0.5).flatten(1).any(1).float().view(-1, 1, 1, 1)
        return (logits / 2).sigmoid(), TRUST * shows_crack


def write(path, write_to):
    """An interruption must not leave half a file."""
    partial = f"{path}.partial"
    write_to(partial)
    os.replace(partial, path)


class Step:
    """What all learners do with a batch of crops. On a GPU it is recorded once and replayed: Python would take longer to
    launch its thousands of small kernels than they run."""

    def __init__(self, learners, teacher, source):
        self.learners, self.teacher, self.source = learners, teacher, source
        self.trust = torch.zeros((), device=DEVICE)
        self.graph, self.crops, self.done = None, None, 0
        self.side = torch.cuda.Stream() if DEVICE.type == "cuda" else None

    def run(self, crops, rate, trust):
        for learner in self.learners:
            learner.set_rate(rate)
        self.trust.fill_(trust)
        self.done += 1
        if self.side is None:
            self.learn(crops)
        elif self.done < RECORDED:
            # What is chosen at the first steps must not be part of the recording.
            self.side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self.side):
                self.learn(crops)
            torch.cuda.current_stream().wait_stream(self.side)
        else:
            if self.graph is None:
                self.record(crops)
            self.crops.copy_(crops)
            self.graph.replay()

    def record(self, crops):
        self.crops, self.graph = crops.clone(), torch.cuda.CUDAGraph()
        with self.source.alone, torch.cuda.graph(self.graph, capture_error_mode="thread_local"):
            self.learn(self.crops)

    def learn(self, crops):
        values = crops.to(DEVICE).float()
        inputs = (values[:, :1] / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        targets = values[:, 1:] / 255
        teacher, trust = self.teacher.teach(inputs, targets) if self.teacher else (None, self.trust)
        for learner in self.learners:
            probabilities = learner.learn(inputs, targets, teacher, trust)
            teacher = probabilities if teacher is None else teacher


def train(args):
    torch.manual_seed(args.seed)
    inits = args.init or [None] * len(args.width)
    learners = [Learner(*each) for each in zip(args.width, inits, args.out, strict=True)]
    start = min(learner.load() for learner in learners) if args.resume else 0
    if not args.minutes and start >= args.steps:
        raise SystemExit(f"the checkpoint is of step {start}: nothing is left of {args.steps}")

    step, done = start, False
    began = None
    source = batches(args, start)
    recorded = Step(learners, args.teacher and Teacher(args.teacher), source)
    for crops in source:
        # Drawing the first crops is not part of the minutes.
        began = began or time.time()
        step += 1
        minutes = (time.time() - began) / 60
        progress = minutes / args.minutes if args.minutes else (step - 1) / args.steps
        done = minutes >= args.minutes if args.minutes else step == args.steps
        rate = args.lr * min(step / WARM_UP, 1) * (0.5 + 0.5 * math.cos(math.pi * min(progress, 1)))
        recorded.run(crops, rate, TRUST if progress > TRUSTED_AFTER else 0.0)
        for learner in learners:
            learner.remember(step)

        if step % args.log_every == 0:
            losses = " ".join(f"{learner.mean_loss():.4f}" for learner in learners)
            pace = (time.time() - began) / (step - start)
            came = f" of {source.came} crops" if isinstance(source, Kept) else ""
            print(f"step {step} loss {losses} lr {rate:.2e} {pace:.3f} s/step{came}", flush=True)
        if step % args.save_every == 0 or done:
            for learner in learners:
                learner.save(step, USAGE[args.recipe])
        if done:
            break
    if not done:
        raise SystemExit(f"the batches ended after step {step}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", required=True, help="the command that writes them, without --first-step and --batch")
    parser.add_argument("--samplers", type=int, default=max(1, os.cpu_count() - 1), help="how many of it run at once, with a GPU")
    parser.add_argument("--width", type=int, nargs="+", default=[16])
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--minutes", type=float, help="instead of the steps")
    parser.add_argument("--batch", type=int, default=8, help="crops a step")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0, help="of the weights at the start; the command has its own")
    parser.add_argument("--out", nargs="+", default=["out"], help="files to write, one a width, without the ending")
    parser.add_argument("--init", nargs="+", metavar="WEIGHTS", help=".safetensors files to begin with, one a width, of it or half of it, or two of half of it as ONE+OTHER, or none")
    parser.add_argument("--teacher", metavar="WEIGHTS", help="a .safetensors file, of any width")
    parser.add_argument("--recipe", choices=USAGE, default="ours", help="the command's, for what the file says")
    parser.add_argument("--log-every", type=int, default=20)
    parser.add_argument("--save-every", type=int, default=100)
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    if args.minutes and args.resume:
        parser.error("--minutes begin anew: they cannot be resumed")
    if DEVICE.type == "cpu":
        torch.set_num_threads(2)
    else:
        torch.backends.cudnn.benchmark = True
    train(args)
