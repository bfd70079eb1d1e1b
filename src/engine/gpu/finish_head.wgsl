// Products -> probabilities (see winograd_tile.wgsl): the head, a convolution 1x1 to one channel, and the sigmoid. One
// tile with all its channels a thread. Probabilities lie without borders: [pictures, height, columns] of vec4, and behind them
// a vector with the number of the start, which is the input's last value.

@group(0) @binding(0) var<storage, read> products: array<Stored>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
// One weight a channel, then the head's bias.
@group(0) @binding(2) var<storage, read> head: array<f32>;
@group(0) @binding(3) var<storage, read> input: array<Stored>;
@group(0) @binding(4) var<storage, read_write> probabilities: array<vec4f>;
@group(0) @binding(5) var<uniform> shape: Shape;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= shape.tiles) { return; }
    if (id.x == 0u) {
        let number = f32(input[arrayLength(&input) - 1u]);
        probabilities[arrayLength(&probabilities) - 1u] = vec4f(number);
    }
    let tile = tile_at(id.x);
    let start = vec4f(head[shape.planes]);
    var a = start;
    var b = start;
    var c = start;
    var d = start;
    for (var channel = 0u; channel < shape.planes; channel++) {
        let rows = read_tile(id.x, channel);
        let weight = head[channel];
        a += weight * rows.a;
        b += weight * rows.b;
        c += weight * rows.c;
        d += weight * rows.d;
    }
    let at = (tile.picture * shape.height + 4u * tile.row) * shape.columns + tile.column;
    probabilities[at] = sigmoid(a);
    probabilities[at + shape.columns] = sigmoid(b);
    probabilities[at + 2u * shape.columns] = sigmoid(c);
    probabilities[at + 3u * shape.columns] = sigmoid(d);
}
