//! What both engines know of Winograd's minimal filtering F(4x4, 3x3): a square of 4x4 outputs takes 36 multiplications a
//! pair of channels instead of 144. Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks"; in 32 bits the
//! result is off by some 1e-6 of its size.

/// Side of the square of outputs that is computed at once.
pub(super) const TILE: usize = 4;

/// Side of the square of inputs that they depend on.
pub(super) const REACH: usize = TILE + 2;

/// Values of a transformed square.
pub(super) const POINTS: usize = REACH * REACH;

/// G k Gᵀ of a kernel, row by row.
pub(super) fn transform_kernel(kernel: [[f32; 3]; 3]) -> [f32; POINTS] {
    const G: [[f32; 3]; REACH] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let rows = kernel.map(|row| G.map(|g| dot(g, row)));
    std::array::from_fn(|point| {
        let (y, x) = (point / REACH, point % REACH);
        dot(G[y], [rows[0][x], rows[1][x], rows[2][x]])
    })
}
