"""Makes what all contenders start from: `models.py OUT LITE.safetensors PHOTO.png...`.

In OUT: `w16`, `w32` and `w64` as .safetensors (convolutions in 16 bits) and as .onnx, in which the same 16-bit numbers
become 32-bit floats as the file is loaded; each PHOTO's grey tiles of 256x256, row by row, as `PHOTO.grey`; and what PyTorch
answers to the first photo's, as `w16.expected` and so on (32-bit floats).
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn

sys.path.append(str(Path(__file__).parents[1] / "tests/parity"))
import attention_unet
from attention_unet import AttentionUNet, normalise
from fixtures import random_network

SIDE = 256
WIDTHS = [16, 32, 64]


class EvenUp(attention_unet.Up):
    """The same for sides that halve evenly, where nothing is padded: without the arithmetic on sizes that the exporter would
    write down."""

    def forward(self, g, x):
        g = F.interpolate(g, scale_factor=2, mode="bilinear", align_corners=True)
        psi = self.att(g, x)
        return self.conv(torch.cat([x * psi, g], dim=1)), psi


class Probability(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, tile):
        return torch.sigmoid(self.network(tile))


def load(file):
    """The network in a .safetensors file."""
    state = load_file(file)
    network = AttentionUNet(width=state["inc.double_conv.0.weight"].shape[0]).eval()
    missing, unexpected = network.load_state_dict({name: t.float() for name, t in state.items()}, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
    return Probability(network)


def tiles(photo):
    """Grey tiles [N, SIDE, SIDE] of a photo whose sides are multiples of SIDE."""
    grey = np.array(Image.open(photo).convert("L"))
    rows, columns = grey.shape[0] // SIDE, grey.shape[1] // SIDE
    return grey.reshape(rows, SIDE, columns, SIDE).swapaxes(1, 2).reshape(-1, SIDE, SIDE)


def inputs(grey):
    """Grey tiles as the network's input [N, 1, SIDE, SIDE]."""
    return normalise(grey)[:, None]


def save(network, file):
    state = {
        name: t.half() if t.ndim == 4 else t for name, t in network.state_dict().items() if t.is_floating_point()
    }
    save_file({name: t.contiguous() for name, t in state.items()}, file)


def export(model, example, file):
    """Writes ONNX. The batch norms stay: folded here, the convolutions would no longer be numbers of 16 bits, and every
    runtime folds them at its start."""
    for module in model.modules():
        if isinstance(module, attention_unet.Up):
            module.__class__ = EvenUp
    batch = {0: "tiles"}
    torch.onnx.export(
        model,
        (example,),
        file,
        dynamo=False,
        training=torch.onnx.TrainingMode.PRESERVE,
        opset_version=17,
        input_names=["tile"],
        output_names=["probability"],
        dynamic_axes={"tile": batch, "probability": batch},
    )
    graph = onnx.load(file)
    halve(graph.graph)
    onnx.checker.check_model(graph)
    onnx.save(graph, file)


def halve(graph):
    """Stores the convolutions in 16 bits."""
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.ndim == 4:
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
            casts.append(helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = casts + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


@torch.no_grad()
def main(out, lite, photos):
    torch.set_num_threads(1)
    for photo in photos:
        (out / f"{photo.stem}.grey").write_bytes(tiles(photo).tobytes())
    example = inputs(tiles(photos[0]))
    for width in WIDTHS:
        file = out / f"w{width}.safetensors"
        if width == 16:
            lite.rename(file)
        else:
            save(random_network(width, 1, width, example), file)
        model = load(file)
        (out / f"w{width}.expected").write_bytes(model(example).numpy().tobytes())
        export(model, example, out / f"w{width}.onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(photo) for photo in sys.argv[3:]])
