// How maps, patches, products and the weights of products are stored: in 32 bits. `store_half.wgsl` has the same names.

// What a transformed patch is multiplied by.
const PATCH: f32 = 1.0;

alias Stored = f32;
alias Stored2 = vec2f;
alias Stored4 = vec4f;

fn stored(value: f32) -> f32 { return value; }
fn stored2(value: vec2f) -> vec2f { return value; }
fn stored4(value: vec4f) -> vec4f { return value; }
