// Shared by the kernels for products of matrices, one for each `z`: product[z] = weight[z]^T values[z], with values
// [depth, vectors], weight [depth, quads] and product [4 quads, vectors], all of vec4: four tiles (or pixels) of a value or
// product, four outputs of a weight. In blocks of eight outputs by two vectors; depth and outputs are multiples of 8.

struct Sizes {
    depth: u32,
    quads: u32,
    vectors: u32,
    // Pairs of vectors, rounded up: blocks in a row.
    pairs: u32,
    // From the weights of one product to those of the next; 0 where all are the same.
    weight_step: u32,
}

@group(0) @binding(0) var<storage, read> values: array<Stored4>;
@group(0) @binding(1) var<storage, read> weight: array<Stored4>;
@group(0) @binding(2) var<storage, read_write> product: array<Stored4>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

// Of a block: the first of its two fours of outputs, and its vectors.
struct Place { quad: u32, one: u32, other: u32 }

fn place_of(index: u32) -> Place {
    let one = index % sizes.pairs;
    return Place(2u * (index / sizes.pairs), one, min(one + sizes.pairs, sizes.vectors - 1u));
}

// The outputs' low and high four at one vector, then at the other.
struct Block { a: mat4x4f, b: mat4x4f, c: mat4x4f, d: mat4x4f }

// What `depth` inputs (an even number) from `first` on add to a block.
fn multiplied(z: u32, place: Place, first: u32, depth: u32) -> Block {
    var at = (z * sizes.depth + first) * sizes.vectors;
    var weight_at = z * sizes.weight_step + first * sizes.quads + place.quad;
    var a = mat4x4f();
    var b = mat4x4f();
    var c = mat4x4f();
    var d = mat4x4f();
    for (var input = 0u; input < depth; input += 2u) {
        let value_one = vec4f(values[at + place.one]);
        let value_other = vec4f(values[at + place.other]);
        let weight_low = vec4f(weight[weight_at]);
        let weight_high = vec4f(weight[weight_at + 1u]);
        at += sizes.vectors;
        weight_at += sizes.quads;
        let next_one = vec4f(values[at + place.one]);
        let next_other = vec4f(values[at + place.other]);
        let next_low = vec4f(weight[weight_at]);
        let next_high = vec4f(weight[weight_at + 1u]);
        at += sizes.vectors;
        weight_at += sizes.quads;
        a = added(added(a, value_one, weight_low), next_one, next_low);
        b = added(added(b, value_one, weight_high), next_one, next_high);
        c = added(added(c, value_other, weight_low), next_other, next_low);
        d = added(added(d, value_other, weight_high), next_other, next_high);
    }
    return Block(a, b, c, d);
}

fn added(sum: mat4x4f, value: vec4f, weight: vec4f) -> mat4x4f {
    return mat4x4f(
        fma(vec4f(weight.x), value, sum[0]), fma(vec4f(weight.y), value, sum[1]),
        fma(vec4f(weight.z), value, sum[2]), fma(vec4f(weight.w), value, sum[3]),
    );
}

fn write_block(z: u32, place: Place, block: Block) {
    let to = 4u * (z * sizes.quads + place.quad) * sizes.vectors;
    write_rows(to + place.one, block.a, block.b);
    write_rows(to + place.other, block.c, block.d);
}

fn write_rows(at: u32, low: mat4x4f, high: mat4x4f) {
    product[at] = stored4(low[0]);
    product[at + sizes.vectors] = stored4(low[1]);
    product[at + 2u * sizes.vectors] = stored4(low[2]);
    product[at + 3u * sizes.vectors] = stored4(low[3]);
    product[at + 4u * sizes.vectors] = stored4(high[0]);
    product[at + 5u * sizes.vectors] = stored4(high[1]);
    product[at + 6u * sizes.vectors] = stored4(high[2]);
    product[at + 7u * sizes.vectors] = stored4(high[3]);
}
