// How products of matrices are computed: in 16 bits, of which many GPUs, those of tablets above all, multiply twice as many
// at once. `compute_single.wgsl` has the same names.

alias Computed4 = vec4<f16>;
alias Computed4x4 = mat4x4<f16>;
