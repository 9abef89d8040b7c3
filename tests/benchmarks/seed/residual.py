"""Residual networks for small images, in plain torch: ResNet-20 and ResNet-34.

The stem is one 3 x 3 convolution without pooling, as for 32 x 32 images; the first block of every later
stage halves the image, and there the shortcut is a 1 x 1 convolution.

Source: He et al., CVPR 2016 (Deep Residual Learning for Image Recognition): section 4.2 for ResNet-20,
table 1 for the stages of ResNet-34.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn


class Block(nn.Module):
    """Two 3 x 3 convolutions and a shortcut: `batch x inputs x h x w` to `batch x outputs x h/stride x …`."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, images: Tensor) -> Tensor:
        return nn.functional.relu(self.body(images) + self.shortcut(images))


def residual_net(blocks: Sequence[int], widths: Sequence[int]) -> nn.Module:
    """`batch x 3 x h x w` images to `batch x 10` scores.

    Args: blocks, widths: one number for each stage: its blocks, and the channels they work on.
    """
    layers: list[nn.Module] = [
        nn.Conv2d(3, widths[0], 3, padding=1, bias=False),
        nn.BatchNorm2d(widths[0]),
        nn.ReLU(),
    ]
    inputs = widths[0]
    for stage, (count, width) in enumerate(zip(blocks, widths, strict=True)):
        for place in range(count):
            layers.append(Block(inputs, width, stride=2 if stage and not place else 1))
            inputs = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))


def resnet20() -> nn.Module:
    return residual_net((3, 3, 3), (16, 32, 64))


def resnet34() -> nn.Module:
    return residual_net((3, 4, 6, 3), (64, 128, 256, 512))
