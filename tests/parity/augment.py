"""Makes training crops: warped photographs, drawn cracks, drawn things that only look like cracks, bad cameras.

Images and labels are float arrays [SIZE, SIZE] in 0..1; all chance comes from the generator passed in.
"""

import io
import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = 256
OVERSAMPLING = 4


def chance(rng, p):
    return rng.random() < p


def log_uniform(rng, low, high):
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def blur(image, sigma):
    bytes_ = Image.fromarray((image.clip(0, 1) * 255).round().astype(np.uint8))
    return np.asarray(bytes_.filter(ImageFilter.GaussianBlur(sigma)), np.float32) / 255


def resize(image, size, method=Image.Resampling.BILINEAR):
    return np.asarray(Image.fromarray(image.astype(np.float32)).resize(size, method))


def clouds(rng, cells):
    """A smooth random field, about normally distributed, with features of SIZE / cells pixels."""
    return resize(rng.standard_normal((cells, cells)), (SIZE, SIZE), Image.Resampling.BICUBIC)


# Geometry


def warp(rng, image, mask):
    """One affine sample of bytes [H, W]: scale, aspect, rotation and flip, mirrored beyond the edges."""
    h, w = image.shape
    scale = math.exp(rng.triangular(math.log(0.5), 0.05, math.log(2.2)))
    stretch = math.exp(rng.normal(0, 0.08))
    angle = rng.uniform(0, 2 * math.pi) if chance(rng, 0.6) else rng.integers(4) * math.pi / 2
    flip = rng.choice([-1, 1])
    c, s = math.cos(angle) / scale, math.sin(angle) / scale
    matrix = np.array([[c * flip * stretch, -s / stretch], [s * flip * stretch, c / stretch]])

    cracks = np.argwhere(mask)
    if len(cracks) and chance(rng, 0.5):
        # Near a crack, but not centred on it: the network must not learn to look at the middle.
        y, x = cracks[rng.integers(len(cracks))] + rng.uniform(-0.4, 0.4, 2) * SIZE / scale
    else:
        y, x = rng.uniform(0, h), rng.uniform(0, w)
    centre = np.array([min(max(x, 0), w), min(max(y, 0), h)])

    # To the -1..1 of grid_sample, in which a pixel of the output is 2 / SIZE wide.
    to_unit = np.array([2 / w, 2 / h])
    theta = np.column_stack([matrix * to_unit[:, None] * SIZE / 2, centre * to_unit - 1])
    grid = F.affine_grid(torch.from_numpy(theta).float()[None], (1, 1, SIZE, SIZE), align_corners=False)
    both = torch.from_numpy(np.stack([image, mask])).float()[None] / 255
    both = F.grid_sample(both, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    return both[0, 0].numpy(), both[0, 1].numpy()


# Drawing


def strokes(lines):
    """Antialiased coverage of polylines, each a pair of points [n, 2] and widths [n]."""
    k = OVERSAMPLING
    canvas = Image.new("L", (SIZE * k, SIZE * k))
    pen = ImageDraw.Draw(canvas)
    for points, widths in lines:
        for (x0, y0), (x1, y1), width in zip(points[:-1] * k, points[1:] * k, widths * k):
            pen.line((x0, y0, x1, y1), fill=255, width=max(1, round(width)))
            r = width / 2
            pen.ellipse((x1 - r, y1 - r, x1 + r, y1 + r), fill=255)
    return np.asarray(canvas.reduce(k), np.float32) / 255


def wander(rng, start, heading, length):
    """A jagged walk: a slow drift of direction, fine jitter and rare sharp turns."""
    step = rng.uniform(1.5, 4)
    n = max(3, int(length / step))
    turns = rng.normal(0, 0.12, n) + rng.normal(0, 0.9, n) * (rng.random(n) < 0.06)
    drift = np.cumsum(turns)
    headings = heading + 1.2 * np.tanh(drift / 1.2) + rng.normal(0, rng.uniform(0.1, 0.5), n)
    return start + np.cumsum(step * np.column_stack([np.cos(headings), np.sin(headings)]), axis=0)


def crack_widths(rng, n, width):
    swell = np.interp(np.arange(n), np.linspace(0, n, 3 + n // 10), rng.normal(0, 0.35, 3 + n // 10))
    taper = np.linspace(1, rng.uniform(0.3, 1), n)[:: rng.choice([-1, 1])]
    return np.maximum(width * np.exp(swell) * taper, 0.8)


def draw_cracks(rng, image, label):
    lines = []
    for _ in range(rng.integers(1, 4)):
        width = log_uniform(rng, 0.9, 6)
        trunk = wander(rng, rng.uniform(0, SIZE, 2), rng.uniform(0, 2 * math.pi), rng.uniform(60, 350))
        lines.append((trunk, crack_widths(rng, len(trunk), width)))
        for _ in range(rng.integers(0, 4)):
            i = rng.integers(len(trunk) - 1)
            ahead = math.atan2(*(trunk[i + 1] - trunk[i])[::-1])
            heading = ahead + rng.choice([-1, 1]) * rng.uniform(0.4, 1.3)
            branch = wander(rng, trunk[i], heading, rng.uniform(15, 120))
            lines.append((branch, crack_widths(rng, len(branch), width * rng.uniform(0.4, 0.9))))
    coverage = strokes(lines)
    uneven = (1 + 0.25 * clouds(rng, 24)).clip(0.3, 1.2)
    darkness = blur(coverage, rng.uniform(0.3, 0.9)) * uneven * rng.uniform(0.35, 0.9)
    return (image * (1 - darkness)).clip(0, 1), np.maximum(label, coverage > 0.45)


def curve(rng):
    """A smooth cable: a cubic through the picture."""
    ends = rng.uniform(-0.2, 1.2, (4, 2)) * SIZE
    t = np.linspace(0, 1, 60)[:, None]
    weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3]
    return sum(weight * end for weight, end in zip(weights, ends))


def straight(rng, angle, offset):
    along = np.array([math.cos(angle), math.sin(angle)])
    middle = SIZE / 2 + offset * np.array([-along[1], along[0]])
    return np.stack([middle - SIZE * along, middle + SIZE * along])


def paint(image, coverage, tone, opacity):
    return image + coverage * opacity * (tone - image)


def joints(rng, image):
    angle = rng.choice([0, math.pi / 2]) + rng.normal(0, 0.06) if chance(rng, 0.6) else rng.uniform(0, math.pi)
    width = log_uniform(rng, 1, 12)
    if chance(rng, 0.5):
        lines = [straight(rng, angle, rng.uniform(-0.4, 0.4) * SIZE)]
    else:
        offsets = np.arange(-SIZE, SIZE, rng.uniform(25, 120)) + rng.uniform(0, 100)
        lines = [straight(rng, angle, o) for o in offsets]
        if chance(rng, 0.6):
            lines += [straight(rng, angle + math.pi / 2, o) for o in offsets * rng.uniform(1, 2.5)]
    coverage = strokes([(line, np.full(2, width)) for line in lines])
    rough = (1 + 0.2 * clouds(rng, 32)).clip(0, 1.2)
    tone = rng.uniform(0, 0.5) if chance(rng, 0.75) else rng.uniform(0.6, 1)
    image = paint(image, blur(coverage, rng.uniform(0.3, 1.5)) * rough, tone, rng.uniform(0.2, 0.9))
    if chance(rng, 0.4):
        # The lit lip of a groove.
        image = image + 0.15 * np.roll(coverage, round(width), rng.integers(2))
    return image


def cables(rng, image):
    for _ in range(rng.integers(1, 4)):
        points = curve(rng) if chance(rng, 0.75) else straight(rng, rng.uniform(0, math.pi), rng.uniform(-90, 90))
        widths = np.full(len(points), log_uniform(rng, 1, 9)) * np.linspace(1, rng.uniform(0.4, 1), len(points))
        coverage = strokes([(points, widths)])
        if chance(rng, 0.6):
            shadow = np.roll(coverage, rng.integers(-8, 9, 2), (0, 1))
            image = image * (1 - rng.uniform(0.1, 0.5) * blur(shadow, rng.uniform(0.7, 3)))
        image = paint(image, coverage, rng.random(), rng.uniform(0.6, 1))
    return image


def half_plane(rng):
    angle = rng.uniform(0, 2 * math.pi)
    y, x = np.mgrid[:SIZE, :SIZE] - rng.uniform(0.15, 0.85, (2, 1, 1)) * SIZE
    return np.cos(angle) * x + np.sin(angle) * y


def edges(rng, image):
    side = 1 / (1 + np.exp(-(half_plane(rng) / rng.uniform(0.3, 1.5)).clip(-30, 30)))
    return paint(image, side, rng.random(), rng.uniform(0.15, 0.9))


def shadows(rng, image):
    field = half_plane(rng) / 40 if chance(rng, 0.4) else 2 * clouds(rng, rng.integers(3, 7))
    shade = 1 / (1 + np.exp(-(field / log_uniform(rng, 0.03, 0.8)).clip(-30, 30)))
    return image * (1 - rng.uniform(0.1, 0.6) * shade)


def stains(rng, image):
    field = clouds(rng, rng.integers(4, 20))
    if chance(rng, 0.4):
        # Drips are blobs drawn out downwards.
        field = resize(field[: rng.integers(20, 80)], (SIZE, SIZE))
    spots = 1 / (1 + np.exp(-((field - rng.uniform(0.6, 1.6)) * log_uniform(rng, 3, 30)).clip(-30, 30)))
    return paint(image, spots, rng.random(), rng.uniform(0.1, 0.6))


def scratches(rng, image):
    """Parallel strokes of a brush or a trowel: straight, short and often lighter than the wall."""
    angle, spread = rng.uniform(0, math.pi), rng.choice([0.03, 0.15, 1])
    lines = []
    for _ in range(rng.integers(2, 25)):
        start, heading = rng.uniform(0, SIZE, 2), angle + rng.normal(0, spread)
        end = start + rng.uniform(8, 160) * np.array([math.cos(heading), math.sin(heading)])
        lines.append((np.stack([start, end]), np.full(2, rng.uniform(0.5, 2))))
    coverage = blur(strokes(lines), rng.uniform(0.2, 1))
    return paint(image, coverage, rng.choice([rng.uniform(0, 0.3), rng.uniform(0.6, 1)]), rng.uniform(0.1, 0.7))


def writing(rng, image):
    canvas = Image.new("L", (SIZE, SIZE))
    font = ImageFont.load_default(int(rng.integers(14, 90)))
    letters = list("ABCDEFGHKLMNPRSTUVWXYZabcdefghkmnrstuwxyz0123456789/+-=<>")
    text = "\n".join("".join(rng.choice(letters, rng.integers(2, 9))) for _ in range(rng.integers(1, 4)))
    ImageDraw.Draw(canvas).text(tuple(rng.uniform(-20, 150, 2)), text, fill=255, font=font)
    coverage = np.asarray(canvas.rotate(rng.uniform(-40, 40)), np.float32) / 255
    return paint(image, coverage, rng.random(), rng.uniform(0.3, 1))


DISTRACTORS = [joints, joints, cables, cables, edges, shadows, stains, scratches, writing]


def distract(rng, image, most=3):
    for _ in range(rng.integers(1, most + 1)):
        image = DISTRACTORS[rng.integers(len(DISTRACTORS))](rng, image).clip(0, 1)
    return image


def plain_wall(rng):
    """A surface of no photograph, so that drawn cracks and distractors are not tied to one concrete."""
    fall = rng.uniform(0.3, 1.2)
    wall = sum(clouds(rng, 2**i) * 2 ** (-fall * i) for i in range(1, 9))
    wall = wall + rng.uniform(0, 0.6) * rng.standard_normal((SIZE, SIZE))
    return (rng.uniform(0.3, 0.8) + rng.uniform(0.01, 0.1) * wall / wall.std()).clip(0, 1).astype(np.float32)


# The camera


def photograph(rng, image):
    """Light, lens, enlargement, sensor and compression."""
    if chance(rng, 0.2):
        image = shadows(rng, image)
    image = image.clip(0, 1) ** math.exp(rng.normal(0, 0.25))
    contrast = log_uniform(rng, 0.45, 1.8) if chance(rng, 0.7) else 1
    mean = image.mean()
    image = contrast * (image - mean) + min(max(mean + rng.uniform(-0.2, 0.2), 0.12), 0.88)
    if chance(rng, 0.35):
        image = blur(image, log_uniform(rng, 0.4, 2.5))
    if chance(rng, 0.25):
        small = round(SIZE / log_uniform(rng, 1.3, 4))
        method = rng.choice([Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS])
        image = resize(resize(image, (small, small)), (SIZE, SIZE), method)
    if chance(rng, 0.4):
        image = image + rng.standard_normal(image.shape) * log_uniform(rng, 0.005, 0.06)
    image = image.clip(0, 1)
    if chance(rng, 0.3):
        file = io.BytesIO()
        Image.fromarray((image * 255).astype(np.uint8)).save(file, "JPEG", quality=int(rng.integers(20, 90)))
        image = np.asarray(Image.open(file), np.float32) / 255
    return image


def exposure(rng, image):
    """The same photograph, a little lighter or darker."""
    mean = image.mean()
    image = log_uniform(rng, 0.75, 1.3) * (image - mean) + mean + rng.uniform(-0.1, 0.1)
    return image.clip(0, 1)


def cracked(rng, image, mask, strength):
    """A cracked surface. `strength` is the share of samples that are more than turned, scaled and exposed anew."""
    image, label = warp(rng, image, mask)
    if not chance(rng, strength):
        return exposure(rng, image), label
    if chance(rng, 0.12):
        image = distract(rng, image, most=1)
    return photograph(rng, image), label


def uncracked(rng, image, strength):
    """A crack-free surface: as it is, with distractors, or with drawn cracks, which are then the label."""
    label = np.zeros((SIZE, SIZE), np.float32)
    if not chance(rng, strength):
        return exposure(rng, warp(rng, image, np.zeros_like(image))[0]), label
    image = plain_wall(rng) if chance(rng, 0.25) else warp(rng, image, np.zeros_like(image))[0]
    if chance(rng, 0.65):
        image = distract(rng, image)
    if chance(rng, 0.25):
        image, label = draw_cracks(rng, image, label)
    return photograph(rng, image), label
