// The first convolution, 3x3 of one channel, + bias, ReLU. A tile of 4x4 pixels and four channels a thread. Height and
// width are multiples of 4.

@group(0) @binding(0) var<storage, read> grey: array<Stored4>;
// [quads, 9] of vec4: the nine taps, row by row, for four outputs.
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> map: array<Stored4>;
@group(0) @binding(4) var<uniform> shape: Shape;

// A row as the left, middle and right tap see it.
struct Taps { left: vec4f, middle: vec4f, right: vec4f }

fn read_row(at: u32) -> Taps {
    let middle = vec4f(grey[at]);
    return Taps(vec4f(f32(grey[at - 1u].w), middle.xyz), middle, vec4f(middle.yzw, f32(grey[at + 1u].x)));
}

// What one row of the kernel adds to one row of pixels of the four channels.
fn row_of_taps(taps: Taps, at: u32) -> mat4x4f {
    return outer(taps.left, weight[at]) + outer(taps.middle, weight[at + 1u]) + outer(taps.right, weight[at + 2u]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= shape.tiles) { return; }
    let tile = tile_at(id.x);
    let pitch = shape.columns + 1u;
    let start_at = vector_index(shape.height, shape.columns, tile.picture, 4u * tile.row, tile.column) - pitch;
    let r0 = read_row(start_at);
    let r1 = read_row(start_at + pitch);
    let r2 = read_row(start_at + 2u * pitch);
    let r3 = read_row(start_at + 3u * pitch);
    let r4 = read_row(start_at + 4u * pitch);
    let r5 = read_row(start_at + 5u * pitch);
    let start = outer(vec4f(1.0), bias[id.y]);
    let w = 9u * id.y;
    let plane = tile.picture * shape.channels + 4u * id.y;
    let at = vector_index(shape.height, shape.columns, plane, 4u * tile.row, tile.column);
    write_row(at, start + row_of_taps(r0, w) + row_of_taps(r1, w + 3u) + row_of_taps(r2, w + 6u));
    write_row(at + pitch, start + row_of_taps(r1, w) + row_of_taps(r2, w + 3u) + row_of_taps(r3, w + 6u));
    write_row(at + 2u * pitch, start + row_of_taps(r2, w) + row_of_taps(r3, w + 3u) + row_of_taps(r4, w + 6u));
    write_row(at + 3u * pitch, start + row_of_taps(r3, w) + row_of_taps(r4, w + 3u) + row_of_taps(r5, w + 6u));
}

fn write_row(at: u32, row: mat4x4f) {
    let plane = (shape.height + 1u) * (shape.columns + 1u);
    map[at] = stored4(max(row[0], vec4f()));
    map[at + plane] = stored4(max(row[1], vec4f()));
    map[at + 2u * plane] = stored4(max(row[2], vec4f()));
    map[at + 3u * plane] = stored4(max(row[3], vec4f()));
}
