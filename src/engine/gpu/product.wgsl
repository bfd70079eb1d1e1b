// Matrix products, one for each `id.z`: product[z] = weight[z]^T values[z], with values [depth, vectors], weight [depth, quads]
// and product [4 quads, vectors], all of vec4: four tiles (or pixels) of a value or product, four outputs of a weight.
// Eight outputs by two vectors a thread; depth and outputs are multiples of 8.

struct Sizes {
    depth: u32,
    quads: u32,
    vectors: u32,
    // Pairs of vectors, rounded up: threads in a row.
    pairs: u32,
    // From the weights of one product to those of the next; 0 where all are the same.
    weight_step: u32,
}

@group(0) @binding(0) var<storage, read> values: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> product: array<vec4f>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

fn added(sum: mat4x4f, value: vec4f, weight: vec4f) -> mat4x4f {
    return mat4x4f(
        fma(vec4f(weight.x), value, sum[0]), fma(vec4f(weight.y), value, sum[1]),
        fma(vec4f(weight.z), value, sum[2]), fma(vec4f(weight.w), value, sum[3]),
    );
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let block = id.x / sizes.pairs;
    if (2u * block >= sizes.quads) { return; }
    let one = id.x % sizes.pairs;
    let other = min(one + sizes.pairs, sizes.vectors - 1u);
    var at = id.z * sizes.depth * sizes.vectors;
    var weight_at = id.z * sizes.weight_step + 2u * block;
    var a = mat4x4f();
    var b = mat4x4f();
    var c = mat4x4f();
    var d = mat4x4f();
    for (var depth = 0u; depth < sizes.depth; depth += 2u) {
        let value_one = values[at + one];
        let value_other = values[at + other];
        let weight_low = weight[weight_at];
        let weight_high = weight[weight_at + 1u];
        at += sizes.vectors;
        weight_at += sizes.quads;
        let next_one = values[at + one];
        let next_other = values[at + other];
        let next_low = weight[weight_at];
        let next_high = weight[weight_at + 1u];
        at += sizes.vectors;
        weight_at += sizes.quads;
        a = added(added(a, value_one, weight_low), next_one, next_low);
        b = added(added(b, value_one, weight_high), next_one, next_high);
        c = added(added(c, value_other, weight_low), next_other, next_low);
        d = added(added(d, value_other, weight_high), next_other, next_high);
    }
    let to = (4u * id.z * sizes.quads + 8u * block) * sizes.vectors;
    write_rows(to + one, a, b);
    write_rows(to + other, c, d);
}

fn write_rows(at: u32, low: mat4x4f, high: mat4x4f) {
    product[at] = low[0];
    product[at + sizes.vectors] = low[1];
    product[at + 2u * sizes.vectors] = low[2];
    product[at + 3u * sizes.vectors] = low[3];
    product[at + 4u * sizes.vectors] = high[0];
    product[at + 5u * sizes.vectors] = high[1];
    product[at + 6u * sizes.vectors] = high[2];
    product[at + 7u * sizes.vectors] = high[3];
}
