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
struct Block { a: Computed4x4, b: Computed4x4, c: Computed4x4, d: Computed4x4 }

// What `depth` inputs (an even number) from `first` on add to a block.
fn multiplied(z: u32, place: Place, first: u32, depth: u32) -> Block {
    var at = (z * sizes.depth + first) * sizes.vectors;
    var weight_at = z * sizes.weight_step + first * sizes.quads + place.quad;
    var a = Computed4x4();
    var b = Computed4x4();
    var c = Computed4x4();
    var d = Computed4x4();
    for (var input = 0u; input < depth; input += 2u) {
        let value_one = Computed4(values[at + place.one]);
        let value_other = Computed4(values[at + place.other]);
        let weight_low = Computed4(weight[weight_at]);
        let weight_high = Computed4(weight[weight_at + 1u]);
        at += sizes.vectors;
        weight_at += sizes.quads;
        let next_one = Computed4(values[at + place.one]);
        let next_other = Computed4(values[at + place.other]);
        let next_low = Computed4(weight[weight_at]);
        let next_high = Computed4(weight[weight_at + 1u]);
        at += sizes.vectors;
        weight_at += sizes.quads;
        a = added(added(a, value_one, weight_low), next_one, next_low);
        b = added(added(b, value_one, weight_high), next_one, next_high);
        c = added(added(c, value_other, weight_low), next_other, next_low);
        d = added(added(d, value_other, weight_high), next_other, next_high);
    }
    return Block(a, b, c, d);
}

fn added(sum: Computed4x4, value: Computed4, weight: Computed4) -> Computed4x4 {
    return Computed4x4(
        fma(Computed4(weight.x), value, sum[0]), fma(Computed4(weight.y), value, sum[1]),
        fma(Computed4(weight.z), value, sum[2]), fma(Computed4(weight.w), value, sum[3]),
    );
}

fn write_block(z: u32, place: Place, block: Block) {
    let to = 4u * (z * sizes.quads + place.quad) * sizes.vectors;
    write_rows(to + place.one, block.a, block.b);
    write_rows(to + place.other, block.c, block.d);
}

fn write_rows(at: u32, low: Computed4x4, high: Computed4x4) {
    product[at] = stored4(vec4f(low[0]));
    product[at + sizes.vectors] = stored4(vec4f(low[1]));
    product[at + 2u * sizes.vectors] = stored4(vec4f(low[2]));
    product[at + 3u * sizes.vectors] = stored4(vec4f(low[3]));
    product[at + 4u * sizes.vectors] = stored4(vec4f(high[0]));
    product[at + 5u * sizes.vectors] = stored4(vec4f(high[1]));
    product[at + 6u * sizes.vectors] = stored4(vec4f(high[2]));
    product[at + 7u * sizes.vectors] = stored4(vec4f(high[3]));
}
