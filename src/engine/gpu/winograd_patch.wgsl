// Shared by the kernels that start a 3x3 convolution as Winograd's F(4x4, 3x3) (Lavin & Gray 2016): a tile of 4x4
// outputs needs a patch of 6x6 inputs; B^T patch B goes to 36 planes, where the convolution is 36 small matrix
// products instead (`product.wgsl`), with a quarter of the multiplications.

// One row of a patch: the left and right end, and what is between.
struct PatchRow { ends: vec2f, middle: vec4f }

// Writes B^T patch B of one tile and channel.
fn write_patch(index: u32, channel: u32, a: PatchRow, b: PatchRow, c: PatchRow, d: PatchRow, e: PatchRow, f: PatchRow) {
    let step = shape.planes * shape.stride;
    let at = (shape.first_plane + channel) * shape.stride + index;
    // B^T patch, one row after the other.
    let even_ends = e.ends - 4.0 * c.ends;
    let even = e.middle - 4.0 * c.middle;
    let odd_ends = d.ends - 4.0 * b.ends;
    let odd = d.middle - 4.0 * b.middle;
    let far_ends = e.ends - c.ends;
    let far = e.middle - c.middle;
    let twice_ends = 2.0 * (d.ends - b.ends);
    let twice = 2.0 * (d.middle - b.middle);
    write_row(at, step, 4.0 * a.ends - 5.0 * c.ends + e.ends, 4.0 * a.middle - 5.0 * c.middle + e.middle);
    write_row(at + 6u * step, step, even_ends + odd_ends, even + odd);
    write_row(at + 12u * step, step, even_ends - odd_ends, even - odd);
    write_row(at + 18u * step, step, far_ends + twice_ends, far + twice);
    write_row(at + 24u * step, step, far_ends - twice_ends, far - twice);
    write_row(at + 30u * step, step, 4.0 * b.ends - 5.0 * d.ends + f.ends, 4.0 * b.middle - 5.0 * d.middle + f.middle);
}

// Multiplies one row by B and writes its six values.
fn write_row(at: u32, step: u32, ends: vec2f, middle: vec4f) {
    let even = middle.w - 4.0 * middle.y;
    let odd = middle.z - 4.0 * middle.x;
    let far = middle.w - middle.y;
    let twice = 2.0 * (middle.z - middle.x);
    patches[at] = stored(PATCH * (4.0 * ends.x - 5.0 * middle.y + middle.w));
    patches[at + step] = stored(PATCH * (even + odd));
    patches[at + 2u * step] = stored(PATCH * (even - odd));
    patches[at + 3u * step] = stored(PATCH * (far + twice));
    patches[at + 4u * step] = stored(PATCH * (far - twice));
    patches[at + 5u * step] = stored(PATCH * (4.0 * middle.x - 5.0 * middle.z + ends.y));
}
