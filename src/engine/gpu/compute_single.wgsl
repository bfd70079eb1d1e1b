// How products of matrices are computed: in 32 bits. `compute_half.wgsl` has the same names.

alias Computed4 = vec4f;
alias Computed4x4 = mat4x4f;
