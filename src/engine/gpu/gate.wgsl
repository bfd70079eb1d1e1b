// The attention gate: W_x skip and, at half the resolution, W_g g (both by `product.wgsl`) -> psi's terms, a plane for each
// four outputs, which `finish_gate.wgsl` sums up: attention = sigmoid(psi relu(upsample(W_g g) + W_x skip + bias)).
// Upsampling (bilinear, aligned corners) and a 1x1 convolution can change places, so W_g is applied to a quarter of the
// pixels. A tile of 4x4 pixels and four outputs a thread: with all outputs in one, the deepest gates would keep but a few
// threads busy.

@group(0) @binding(0) var<storage, read> own: array<Stored4>;
@group(0) @binding(1) var<storage, read> signal: array<Stored>;
// For each four outputs: the sum of their biases, then the weights of psi.
@group(0) @binding(2) var<storage, read> join: array<vec4f>;
// As many planes as there are fours of outputs.
@group(0) @binding(3) var<storage, read_write> terms: array<Stored4>;
@group(0) @binding(4) var<uniform> shape: Shape;

// Weights of a coarse row or column at the four of the tile, as in patch_upsampled.wgsl.
fn weights(first: f32, scale: f32, coarse: f32) -> vec4f {
    return max(vec4f(), 1.0 - abs((first + vec4f(0.0, 1.0, 2.0, 3.0)) * scale - coarse));
}

// The signal's tile of one output: its rows in the columns of the matrix.
fn upsampled(at: u32, row: vec4u, across: mat4x4f, down: mat4x4f) -> mat4x4f {
    let coarse = mat4x4f(
        signal_row(at + row.x, across), signal_row(at + row.y, across),
        signal_row(at + row.z, across), signal_row(at + row.w, across),
    );
    return coarse * down;
}

fn signal_row(at: u32, across: mat4x4f) -> vec4f {
    return across * vec4f(f32(signal[at]), f32(signal[at + 1u]), f32(signal[at + 2u]), f32(signal[at + 3u]));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= shape.tiles) { return; }
    let tile = tile_at(id.x);
    let y = 4.0 * f32(tile.row);
    let x = 4.0 * f32(tile.column);
    let scale_y = scale(shape.low_height, shape.height);
    let scale_x = scale(shape.low_width, shape.width);
    let top = floor(y * scale_y);
    let left = floor(x * scale_x);
    let across = mat4x4f(
        weights(x, scale_x, left), weights(x, scale_x, left + 1.0),
        weights(x, scale_x, left + 2.0), weights(x, scale_x, left + 3.0),
    );
    let down = transpose(mat4x4f(
        weights(y, scale_y, top), weights(y, scale_y, top + 1.0),
        weights(y, scale_y, top + 2.0), weights(y, scale_y, top + 3.0),
    ));
    // Rows beyond the last count nothing; the row of zeros after it stands in for them.
    let row = min(vec4u(u32(top)) + vec4u(0u, 1u, 2u, 3u), vec4u(shape.low_height)) * 4u * (shape.low_columns + 1u);
    let low_plane = 4u * (shape.low_height + 1u) * (shape.low_columns + 1u);
    let pitch = shape.columns + 1u;
    let plane = (shape.height + 1u) * pitch;
    let quads = shape.planes / 4u;
    let quad = id.y;
    let first = tile.picture * shape.planes + 4u * quad;
    let at = vector_index(shape.height, shape.columns, first, 4u * tile.row, tile.column);
    let low = 4u * vector_index(shape.low_height, shape.low_columns, first, 0u, 0u) + u32(left);
    let bias = join[2u * quad];
    let weight = join[2u * quad + 1u];
    let psi = weight.x * rectified(bias.x, at, pitch, upsampled(low, row, across, down))
        + weight.y * rectified(bias.y, at + plane, pitch, upsampled(low + low_plane, row, across, down))
        + weight.z * rectified(bias.z, at + 2u * plane, pitch, upsampled(low + 2u * low_plane, row, across, down))
        + weight.w * rectified(bias.w, at + 3u * plane, pitch, upsampled(low + 3u * low_plane, row, across, down));
    let inside = columns_inside(tile);
    let to = vector_index(shape.height, shape.columns, tile.picture * quads + quad, 4u * tile.row, tile.column);
    let below = shape.height - 4u * tile.row;
    terms[to] = stored4(inside * psi[0]);
    if (below > 1u) { terms[to + pitch] = stored4(inside * psi[1]); }
    if (below > 2u) { terms[to + 2u * pitch] = stored4(inside * psi[2]); }
    if (below > 3u) { terms[to + 3u * pitch] = stored4(inside * psi[3]); }
}

// The tile of one output, `signal` being its part from below.
fn rectified(bias: f32, at: u32, pitch: u32, signal: mat4x4f) -> mat4x4f {
    return mat4x4f(
        max(signal[0] + vec4f(own[at]) + bias, vec4f()),
        max(signal[1] + vec4f(own[at + pitch]) + bias, vec4f()),
        max(signal[2] + vec4f(own[at + 2u * pitch]) + bias, vec4f()),
        max(signal[3] + vec4f(own[at + 3u * pitch]) + bias, vec4f()),
    );
}
