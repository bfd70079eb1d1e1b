// Map of half the resolution, upsampled (bilinear, aligned corners) -> transformed patches (see winograd_patch.wgsl).
// One tile and four channels a thread.
//
// A coarse pixel at distance d counts with the weight 1 - |d|, or nothing from distance 1 on. The six rows of a patch
// lie within five coarse rows, each between two or three of them; columns likewise.

@group(0) @binding(0) var<storage, read> map: array<Stored>;
@group(0) @binding(1) var<storage, read_write> patches: array<Stored>;
@group(0) @binding(2) var<uniform> shape: Shape;

// Weights of the coarse row or column `coarse` at the six positions from `first` on; nothing beyond the picture's edge.
struct Weights { ends: vec2f, middle: vec4f }

fn weights(first: f32, size: f32, scale: f32, coarse: f32) -> Weights {
    let ends = first + vec2f(0.0, 5.0);
    let middle = first + vec4f(1.0, 2.0, 3.0, 4.0);
    return Weights(
        select(vec2f(), max(vec2f(), 1.0 - abs(ends * scale - coarse)), (ends >= vec2f()) & (ends < vec2f(size))),
        select(vec4f(), max(vec4f(), 1.0 - abs(middle * scale - coarse)), middle < vec4f(size)),
    );
}

fn scaled(by: f32, row: PatchRow) -> PatchRow {
    return PatchRow(by * row.ends, by * row.middle);
}

fn sum(a: PatchRow, b: PatchRow) -> PatchRow {
    return PatchRow(a.ends + b.ends, a.middle + b.middle);
}

fn sum3(x: f32, a: PatchRow, y: f32, b: PatchRow, z: f32, c: PatchRow) -> PatchRow {
    return PatchRow(x * a.ends + y * b.ends + z * c.ends, x * a.middle + y * b.middle + z * c.middle);
}

// A coarse row, upsampled along itself.
fn read_row(at: u32, w0: Weights, w1: Weights, w2: Weights, w3: Weights, w4: Weights) -> PatchRow {
    let c0 = f32(map[at]);
    let c1 = f32(map[at + 1u]);
    let c2 = f32(map[at + 2u]);
    let c3 = f32(map[at + 3u]);
    let c4 = f32(map[at + 4u]);
    return PatchRow(
        c0 * w0.ends + c1 * w1.ends + c2 * w2.ends + c3 * w3.ends + c4 * w4.ends,
        c0 * w0.middle + c1 * w1.middle + c2 * w2.middle + c3 * w3.middle,
    );
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= shape.tiles) { return; }
    let tile = tile_at(id.x);
    // The patch begins one pixel up and left of the tile.
    let y = 4.0 * f32(tile.row) - 1.0;
    let x = 4.0 * f32(tile.column) - 1.0;
    let scale_y = scale(shape.low_height, shape.height);
    let scale_x = scale(shape.low_width, shape.width);
    let top = floor(y * scale_y);
    let left = floor(x * scale_x);
    let height = f32(shape.height);
    let width = f32(shape.width);
    let v0 = weights(y, height, scale_y, top);
    let v1 = weights(y, height, scale_y, top + 1.0);
    let v2 = weights(y, height, scale_y, top + 2.0);
    let v3 = weights(y, height, scale_y, top + 3.0);
    let v4 = weights(y, height, scale_y, top + 4.0);
    let h0 = weights(x, width, scale_x, left);
    let h1 = weights(x, width, scale_x, left + 1.0);
    let h2 = weights(x, width, scale_x, left + 2.0);
    let h3 = weights(x, width, scale_x, left + 3.0);
    let h4 = weights(x, width, scale_x, left + 4.0);
    let row = i32(top);
    let last = i32(shape.low_height);
    let pitch = 4u * (shape.low_columns + 1u);
    for (var channel = 4u * id.y; channel < 4u * id.y + 4u; channel++) {
        let plane = tile.picture * shape.channels + channel;
        // Of row -1 (zeros), so that rows count from it.
        let at = u32(4 * i32(plane * (shape.low_height + 1u) * (shape.low_columns + 1u) + 1u) + i32(left));
        let r0 = read_row(at + u32(min(row, last) + 1) * pitch, h0, h1, h2, h3, h4);
        let r1 = read_row(at + u32(min(row + 1, last) + 1) * pitch, h0, h1, h2, h3, h4);
        let r2 = read_row(at + u32(min(row + 2, last) + 1) * pitch, h0, h1, h2, h3, h4);
        let r3 = read_row(at + u32(min(row + 3, last) + 1) * pitch, h0, h1, h2, h3, h4);
        let r4 = read_row(at + u32(min(row + 4, last) + 1) * pitch, h0, h1, h2, h3, h4);
        write_patch(
            id.x, channel,
            sum(scaled(v0.ends.x, r0), scaled(v1.ends.x, r1)),
            sum3(v0.middle.x, r0, v1.middle.x, r1, v2.middle.x, r2),
            sum3(v0.middle.y, r0, v1.middle.y, r1, v2.middle.y, r2),
            sum3(v1.middle.z, r1, v2.middle.z, r2, v3.middle.z, r3),
            sum3(v1.middle.w, r1, v2.middle.w, r2, v3.middle.w, r3),
            sum3(v2.ends.y, r2, v3.ends.y, r3, v4.ends.y, r4),
        );
    }
}
