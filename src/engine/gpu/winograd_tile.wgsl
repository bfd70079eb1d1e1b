// Shared by the kernels that finish a convolution begun by winograd_patch.wgsl: A^T products A + bias, then ReLU.

// Four rows of a tile.
struct Rows { a: vec4f, b: vec4f, c: vec4f, d: vec4f }

fn read_tile(index: u32, channel: u32) -> Rows {
    let step = shape.planes * shape.stride;
    let at = channel * shape.stride + index;
    let r0 = read_row(at, step);
    let r1 = read_row(at + 6u * step, step);
    let r2 = read_row(at + 12u * step, step);
    let r3 = read_row(at + 18u * step, step);
    let r4 = read_row(at + 24u * step, step);
    let r5 = read_row(at + 30u * step, step);
    let near = r1 + r2;
    let near_odd = r1 - r2;
    let far = r3 + r4;
    let far_odd = r3 - r4;
    let start = vec4f(bias[channel]);
    return Rows(
        max(start + r0 + near + far, vec4f()),
        max(start + near_odd + 2.0 * far_odd, vec4f()),
        max(start + near + 4.0 * far, vec4f()),
        max(start + near_odd + 8.0 * far_odd + r5, vec4f()),
    );
}

// Six values of one row, multiplied by A.
fn read_row(at: u32, step: u32) -> vec4f {
    let m0 = f32(products[at]);
    let m1 = f32(products[at + step]);
    let m2 = f32(products[at + 2u * step]);
    let m3 = f32(products[at + 3u * step]);
    let m4 = f32(products[at + 4u * step]);
    let m5 = f32(products[at + 5u * step]);
    let near = m1 + m2;
    let near_odd = m1 - m2;
    let far = m3 + m4;
    let far_odd = m3 - m4;
    return vec4f(m0 + near + far, near_odd + 2.0 * far_odd, near + 4.0 * far, near_odd + 8.0 * far_odd + m5);
}
