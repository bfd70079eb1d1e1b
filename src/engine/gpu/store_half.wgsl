enable f16;

// How maps, patches, products and the weights of products are stored: in 16 bits, which halves what a GPU reads and writes.
// `store_single.wgsl` has the same names.

// What a transformed patch is multiplied by; what it is then multiplied with is larger in return.
const PATCH: f32 = 1.0 / 16.0;

alias Stored = f16;
alias Stored2 = vec2<f16>;
alias Stored4 = vec4<f16>;

// Beyond it there is infinity.
const LARGEST: f32 = 65504.0;

fn stored(value: f32) -> f16 { return f16(clamp(value, -LARGEST, LARGEST)); }
fn stored2(value: vec2f) -> vec2<f16> { return vec2<f16>(clamp(value, vec2f(-LARGEST), vec2f(LARGEST))); }
fn stored4(value: vec4f) -> vec4<f16> { return vec4<f16>(clamp(value, vec4f(-LARGEST), vec4f(LARGEST))); }
