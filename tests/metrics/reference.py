"""Makes the fixtures of the metrics' tests: labels, probability maps, and what scikit-learn and scikit-image say of them.

    pip install numpy scipy pillow scikit-learn scikit-image
    python tests/metrics/reference.py
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.morphology import thin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, jaccard_score, precision_score, recall_score

FIXTURES = Path(__file__).parent / "fixtures"
SIZES = [(64, 96), (80, 70), (33, 47)]
THRESHOLD = 0.5
TOLERANCE = 2
BINS = 10


def scene(rng, size):
    """A label of crossing crooked bands, and a map that blurs, shifts and disturbs it."""
    h, w = size
    y, x = np.mgrid[:h, :w]
    label = np.zeros(size, bool)
    for _ in range(3):
        angle, offset, width = rng.uniform(0, np.pi), rng.uniform(-15, 15), rng.uniform(0.8, 4)
        along = np.cos(angle) * (x - w / 2) + np.sin(angle) * (y - h / 2)
        across = -np.sin(angle) * (x - w / 2) + np.cos(angle) * (y - h / 2)
        label |= np.abs(across - offset - 3 * np.sin(along / rng.uniform(4, 9))) < width
    noise = gaussian_filter(rng.standard_normal(size), 2)
    p = gaussian_filter(np.roll(label, 1, 0).astype(float), 1.2) * 1.2 + noise
    return label, (p.clip(0, 1) * 255).round().astype(np.uint8)


def f1_of_shares(precision, recall):
    return 2 * precision * recall / (precision + recall)


def main():
    rng = np.random.default_rng(5)
    FIXTURES.mkdir(exist_ok=True)
    scenes = [scene(rng, size) for size in SIZES]
    for i, (label, p) in enumerate(scenes):
        Image.fromarray(label.astype(np.uint8) * 255).save(FIXTURES / f"label-{i}.png")
        Image.fromarray(p).save(FIXTURES / f"map-{i}.png")

    labels = np.concatenate([label.ravel() for label, _ in scenes])
    values = np.concatenate([p.ravel() for _, p in scenes])
    masks = [p > int(THRESHOLD * 255) for _, p in scenes]
    found = np.concatenate([mask.ravel() for mask in masks])

    best = [max(f1_score(label.ravel(), p.ravel() > k) for k in range(255)) for label, p in scenes]
    near = lambda mask: distance_transform_edt(~mask) <= TOLERANCE
    share = lambda inner, outer: sum((i & o).sum() for i, o in zip(inner, outer)) / sum(i.sum() for i in inner)
    truths = [label for label, _ in scenes]
    lines, true_lines = [thin(mask) for mask in masks], [thin(truth) for truth in truths]

    given = values / 255
    bins = values.astype(int) * BINS // 256
    error = sum(
        abs(given[bins == b].mean() - labels[bins == b].mean()) * (bins == b).sum() for b in np.unique(bins)
    ) / len(values)

    logits = np.log(given.clip(0.25 / 255, 254.75 / 255) / (1 - given.clip(0.25 / 255, 254.75 / 255)))
    platt = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(logits[:, None], labels)

    reference = {
        "threshold": THRESHOLD,
        "precision": precision_score(labels, found),
        "recall": recall_score(labels, found),
        "f1": f1_score(labels, found),
        "iou": jaccard_score(labels, found),
        "mean_iou": (jaccard_score(labels, found) + jaccard_score(~labels, ~found)) / 2,
        "ods": max(f1_score(labels, values > k) for k in range(255)),
        "best_f1_of_each": best,
        "tolerant_f1": f1_of_shares(
            share(masks, [near(truth) for truth in truths]), share(truths, [near(mask) for mask in masks])
        ),
        "cl_dice": f1_of_shares(share(lines, truths), share(true_lines, masks)),
        "calibration_error": error,
        "calibration": [platt.coef_[0, 0], platt.intercept_[0]],
    }
    (FIXTURES / "reference.json").write_text(json.dumps(reference, indent=1) + "\n")


if __name__ == "__main__":
    main()
