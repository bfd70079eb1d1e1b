// The attention gate: skip map and W_g g at half the resolution (`product.wgsl`) -> psi's terms, a plane for each four
// outputs of W_g and W_x, which `finish_gate.wgsl` sums up:
// attention = sigmoid(psi relu(upsample(W_g g) + W_x skip + bias)). Upsampling (bilinear, aligned corners) and a 1x1
// convolution can change places, so W_g is applied to a quarter of the pixels. A tile of 4x4 pixels and four outputs a
// thread: with all outputs in one, the deepest gates would keep but a few threads busy.

@group(0) @binding(0) var<storage, read> skip: array<vec4f>;
@group(0) @binding(1) var<storage, read> signal: array<f32>;
// W_x: [quads, channels] of vec4, four outputs each.
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
// For each four outputs of W_g and W_x: the sum of their biases, then the weights of psi.
@group(0) @binding(3) var<storage, read> join: array<vec4f>;
// As many planes as there are fours of outputs.
@group(0) @binding(4) var<storage, read_write> terms: array<vec4f>;
@group(0) @binding(5) var<uniform> shape: Shape;

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
    return across * vec4f(signal[at], signal[at + 1u], signal[at + 2u], signal[at + 3u]);
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
    let start = vector_index(shape.height, shape.columns, tile.picture * shape.channels, 4u * tile.row, tile.column);
    let quads = shape.planes / 4u;
    let quad = id.y;
    // One row of pixels each, an output in each column.
    let bias = outer(vec4f(1.0), join[2u * quad]);
    var a = bias;
    var b = bias;
    var c = bias;
    var d = bias;
    var at = start;
    for (var channel = 0u; channel < shape.channels; channel++) {
        let w = weight[quad * shape.channels + channel];
        a += outer(skip[at], w);
        b += outer(skip[at + pitch], w);
        c += outer(skip[at + 2u * pitch], w);
        d += outer(skip[at + 3u * pitch], w);
        at += plane;
    }
    let low = 4u * vector_index(shape.low_height, shape.low_columns, tile.picture * shape.planes + 4u * quad, 0u, 0u) + u32(left);
    let weight_psi = join[2u * quad + 1u];
    let g0 = upsampled(low, row, across, down);
    let g1 = upsampled(low + low_plane, row, across, down);
    let g2 = upsampled(low + 2u * low_plane, row, across, down);
    let g3 = upsampled(low + 3u * low_plane, row, across, down);
    let psi = weight_psi.x * rectified(g0, a[0], b[0], c[0], d[0])
        + weight_psi.y * rectified(g1, a[1], b[1], c[1], d[1])
        + weight_psi.z * rectified(g2, a[2], b[2], c[2], d[2])
        + weight_psi.w * rectified(g3, a[3], b[3], c[3], d[3]);
    let inside = vec4f(vec4u(0u, 1u, 2u, 3u) + 4u * tile.column < vec4u(shape.width));
    let to = vector_index(shape.height, shape.columns, tile.picture * quads + quad, 4u * tile.row, tile.column);
    let below = shape.height - 4u * tile.row;
    terms[to] = inside * psi[0];
    if (below > 1u) { terms[to + pitch] = inside * psi[1]; }
    if (below > 2u) { terms[to + 2u * pitch] = inside * psi[2]; }
    if (below > 3u) { terms[to + 3u * pitch] = inside * psi[3]; }
}

fn rectified(signal: mat4x4f, a: vec4f, b: vec4f, c: vec4f, d: vec4f) -> mat4x4f {
    return mat4x4f(
        max(signal[0] + a, vec4f()), max(signal[1] + b, vec4f()), max(signal[2] + c, vec4f()), max(signal[3] + d, vec4f()),
    );
}
