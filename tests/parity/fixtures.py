"""Makes the files in fixtures/ that the Rust tests compare themselves with.

Random weights, and pictures made here. Of a large tensor only every k-th element is kept, k odd so that the sample
drifts over rows and channels; the metadata entry `tensors` is JSON of each sampled name's full `shape` and its `stride`.
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from attention_unet import AttentionUNet, normalise

FOLDER = Path(__file__).parent / "fixtures"
# The second is odd at every level in one axis or the other, so that each skip gets its padding.
SIZES = [(256, 256), (103, 77)]


def picture(seed, h, w):
    """A grey gradient with noise and thin dark lines, as bytes."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:h, :w]
    image = 90 + 110 * (x / w * rng.random() + y / h * rng.random()) + rng.normal(0, 14, (h, w))
    for _ in range(6):
        angle, offset, wave = rng.uniform(0, np.pi), rng.uniform(-0.4, 0.4) * min(h, w), rng.uniform(5, 25)
        across = np.cos(angle) * (x - w / 2) + np.sin(angle) * (y - h / 2) - offset
        along = np.cos(angle) * (y - h / 2) - np.sin(angle) * (x - w / 2)
        image[np.abs(across + 2 * np.sin(along / wave)) < rng.uniform(0.6, 1.8)] -= 80
    return image.clip(0, 255).astype(np.uint8)


@torch.no_grad()
def random_network(seed, classes, width, inputs):
    """A network in evaluation mode of which no parameter is neutral and no layer is dead or saturated.

    BatchNorm first takes the statistics of a picture, or signals would fade or explode with the depth;
    everything about it is then disturbed, so that leaving out any part of it shows.
    """
    torch.manual_seed(seed)
    model = AttentionUNet(n_classes=classes, width=width).train()
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1
        nn.init.uniform_(norm.weight, 0.6, 1.4)
        nn.init.normal_(norm.bias, 0, 0.3)
    for up in (model.up1, model.up2, model.up3, model.up4):
        up.att.psi[1].weight.mul_(1.5)
    model(inputs)
    for norm in norms:
        norm.running_mean += 0.2 * norm.running_var.sqrt() * torch.randn_like(norm.running_mean)
        norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.7, 1.4)
    model.eval()
    final = model.outc["conv"]
    logits = model(inputs)
    spread, mean = logits.std((0, 2, 3)) / 0.6, logits.mean((0, 2, 3))
    final.bias.copy_((final.bias - mean) / spread + torch.empty_like(mean).uniform_(-0.5, 0.5))
    final.weight.div_(spread[:, None, None, None])
    # Stored as f16, so both sides must start from what f16 can hold.
    for tensor in filter(torch.is_floating_point, model.state_dict().values()):
        tensor.copy_(tensor.half())
    return model


def image_input(grey):
    return normalise(grey)[None, None]


def sample(tensor, most):
    stride = 1
    while -(-tensor.numel() // stride) > most:
        stride += 2
    return tensor.flatten()[::stride].clone(), {"shape": list(tensor.shape), "stride": stride}


def save(name, tensors, samples=None):
    metadata = {"tensors": json.dumps(samples)} if samples else None
    save_file({key: torch.as_tensor(t).contiguous() for key, t in tensors.items()}, FOLDER / name, metadata)


@torch.no_grad()
def network_cases():
    cases, samples = {}, {}
    inputs = {f"{h}x{w}": picture(h + w, h, w) for h, w in [*SIZES, (48, 64)]}
    for size, grey in inputs.items():
        cases[f"input_{size}"] = grey

    for classes in (1, 3):
        model = random_network(classes, classes, 4, image_input(inputs["256x256"]))
        state = {name: t.half() for name, t in model.state_dict().items() if t.is_floating_point()}
        save(f"weights_c{classes}.safetensors", state)
        for h, w in SIZES:
            for name, tensor in model(image_input(inputs[f"{h}x{w}"]), intermediates=True).items():
                key = f"c{classes}_{h}x{w}/{name}"
                cases[key], samples[key] = sample(tensor, 1500 if name == "logits" else 400)

    small = random_network(2, 1, 2, image_input(inputs["48x64"]))
    cases["w2_48x64/logits"] = small(image_input(inputs["48x64"]))
    save("cases.safetensors", cases, samples)

    state = small.state_dict()
    torch.save(state, FOLDER / "plain.pth")
    # As nn.DataParallel and training scripts leave them, and the same values in half precision.
    # torch names storages by their address here, so that this one file differs from run to run.
    halves = {f"module.{name}": t.half() if t.is_floating_point() else t for name, t in state.items()}
    wrapped = {"state_dict": halves, "epoch": 3}
    torch.save(wrapped, FOLDER / "legacy.pth", _use_new_zipfile_serialization=False)


def image_cases():
    """Pillow's resize enlarging, and shrinking along each axis, and its conversion to grey."""
    tensors, samples = {}, {}
    for name, (h, w) in {"a": (97, 61), "b": (40, 300), "c": (340, 32)}.items():
        tensors[f"{name}/in"] = picture(h * w, h, w)
        out = np.array(Image.fromarray(tensors[f"{name}/in"]).resize((256, 256), Image.Resampling.BILINEAR))
        tensors[f"{name}/out"], samples[f"{name}/out"] = sample(torch.from_numpy(out), 5000)
    tensors["l/rgb"] = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    tensors["l/grey"] = np.array(Image.fromarray(tensors["l/rgb"]).convert("L"))
    save("resize.safetensors", tensors, samples)


if __name__ == "__main__":
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    network_cases()
    image_cases()
