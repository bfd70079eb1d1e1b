"""The Attention U-Net that the Rust network is compared with, module names as in the published state dict."""

import torch
import torch.nn.functional as F
from torch import nn


class DoubleConv(nn.Module):
    def __init__(self, inputs, outputs, middle=None):
        super().__init__()
        middle = middle or outputs
        self.double_conv = nn.Sequential(
            nn.Conv2d(inputs, middle, 3, padding=1, bias=False),
            nn.BatchNorm2d(middle),
            nn.ReLU(inplace=True),
            nn.Conv2d(middle, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(inputs, outputs))

    def forward(self, x):
        return self.maxpool_conv(x)


class AttentionGate(nn.Module):
    """How much of the skip to let through at each pixel, judged from the deeper map and the skip itself."""

    def __init__(self, gate, skip, middle):
        super().__init__()
        self.W_g = nn.Sequential(nn.Conv2d(gate, middle, 1), nn.BatchNorm2d(middle))
        self.W_x = nn.Sequential(nn.Conv2d(skip, middle, 1), nn.BatchNorm2d(middle))
        self.psi = nn.Sequential(nn.Conv2d(middle, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())

    def forward(self, g, x):
        return self.psi(F.relu(self.W_g(g) + self.W_x(x)))


class Up(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        half = inputs // 2
        self.att = AttentionGate(half, half, half // 2)
        self.conv = DoubleConv(inputs, outputs, half)

    def forward(self, g, x):
        g = F.interpolate(g, scale_factor=2, mode="bilinear", align_corners=True)
        # Pooling rounds odd sizes down; the missing row or column is put back as zeros.
        rows, columns = x.shape[2] - g.shape[2], x.shape[3] - g.shape[3]
        g = F.pad(g, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        psi = self.att(g, x)
        return self.conv(torch.cat([x * psi, g], dim=1)), psi


class AttentionUNet(nn.Module):
    def __init__(self, n_channels=1, n_classes=1, width=64):
        super().__init__()
        w = width
        self.inc = DoubleConv(n_channels, w)
        self.down1 = Down(w, 2 * w)
        self.down2 = Down(2 * w, 4 * w)
        self.down3 = Down(4 * w, 8 * w)
        self.down4 = Down(8 * w, 8 * w)
        self.up1 = Up(16 * w, 4 * w)
        self.up2 = Up(8 * w, 2 * w)
        self.up3 = Up(4 * w, w)
        self.up4 = Up(2 * w, w)
        self.outc = nn.ModuleDict({"conv": nn.Conv2d(w, n_classes, 1)})

    def forward(self, x, intermediates=False):
        """Logits, or with `intermediates` a dict of them with `x1`..`x5` and `psi1` (deepest) .. `psi4`."""
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        x4 = self.down3(x3)
        x5 = self.down4(x4)
        y, psi1 = self.up1(x5, x4)
        y, psi2 = self.up2(y, x3)
        y, psi3 = self.up3(y, x2)
        y, psi4 = self.up4(y, x1)
        logits = self.outc["conv"](y)
        if not intermediates:
            return logits
        return dict(x1=x1, x2=x2, x3=x3, x4=x4, x5=x5, psi1=psi1, psi2=psi2, psi3=psi3, psi4=psi4, logits=logits)


def normalise(grey):
    """Grey bytes [..., H, W] to the network's input."""
    return (torch.as_tensor(grey).float() / 255 - 0.5) / 0.5
