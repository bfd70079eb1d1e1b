//! From the original's state dict names to the module's, and back.

/// Names that carry no weight: a counter that PyTorch's BatchNorm keeps for training.
pub(super) fn is_bookkeeping(name: &str) -> bool {
    name.ends_with("num_batches_tracked")
}

/// The module's name of a tensor: `up1.att.W_g.0.weight` -> `decoder.up.0.gate.w_g.weight`. Wrappers' prefixes
/// (`state_dict.`, `module.`) are dropped; a name that is the module's own already, or unknown, stays.
pub(super) fn module_name(name: &str) -> String {
    let mut bare = name;
    while let Some(rest) = WRAPPERS
        .iter()
        .find_map(|wrapper| bare.strip_prefix(wrapper))
    {
        bare = rest;
    }
    translate(bare).unwrap_or_else(|| bare.to_owned())
}

const WRAPPERS: [&str; 3] = ["state_dict.", "model_state_dict.", "module."];

fn translate(name: &str) -> Option<String> {
    let (block, rest) = name.split_once('.')?;
    match block {
        "inc" => layer("encoder.inc", rest.strip_prefix("double_conv.")?),
        "outc" => Some(format!("head.{}", rest.strip_prefix("conv.")?)),
        _ => {
            if let Some(level) = block.strip_prefix("down") {
                let level = level.parse::<usize>().ok()?.checked_sub(1)?;
                layer(
                    &format!("encoder.down.{level}"),
                    rest.strip_prefix("maxpool_conv.1.double_conv.")?,
                )
            } else {
                let level = block
                    .strip_prefix("up")?
                    .parse::<usize>()
                    .ok()?
                    .checked_sub(1)?;
                if let Some(rest) = rest.strip_prefix("conv.double_conv.") {
                    layer(&format!("decoder.up.{level}.conv"), rest)
                } else {
                    gate(
                        &format!("decoder.up.{level}.gate"),
                        rest.strip_prefix("att.")?,
                    )
                }
            }
        }
    }
}

/// `3.weight` of a `double_conv` sequence -> `PATH.conv2.weight`.
fn layer(path: &str, rest: &str) -> Option<String> {
    let (index, parameter) = rest.split_once('.')?;
    Some(match index {
        "0" => format!("{path}.conv1.{parameter}"),
        "1" => format!("{path}.norm1.{}", norm_parameter(parameter)),
        "3" => format!("{path}.conv2.{parameter}"),
        "4" => format!("{path}.norm2.{}", norm_parameter(parameter)),
        _ => return None,
    })
}

/// `W_g.1.weight` of a gate -> `PATH.norm_g.gamma`.
fn gate(path: &str, rest: &str) -> Option<String> {
    let mut parts = rest.splitn(3, '.');
    let (sequence, index, parameter) = (parts.next()?, parts.next()?, parts.next()?);
    let (conv, norm) = match sequence {
        "W_g" => ("w_g", "norm_g"),
        "W_x" => ("w_x", "norm_x"),
        "psi" => ("psi", "norm_psi"),
        _ => return None,
    };
    Some(match index {
        "0" => format!("{path}.{conv}.{parameter}"),
        "1" => format!("{path}.{norm}.{}", norm_parameter(parameter)),
        _ => return None,
    })
}

/// PyTorch's and Burn's words for the same parameters of a batch norm.
fn norm_parameter(name: &str) -> &str {
    match name {
        "weight" => "gamma",
        "bias" => "beta",
        other => other,
    }
}

#[cfg(feature = "model")]
/// The original's name of one of the module's tensors; none where the original has no such tensor.
pub(super) fn original_name(name: &str) -> Option<String> {
    original_names().find(|original| translate(original).as_deref() == Some(name))
}

#[cfg(feature = "model")]
/// The names of all tensors in the original's state dict that carry a weight.
fn original_names() -> impl Iterator<Item = String> {
    let levels = 1..=4;
    let convolutions = ["inc".to_owned()]
        .into_iter()
        .chain(levels.clone().map(|n| format!("down{n}.maxpool_conv.1")))
        .chain(levels.clone().map(|n| format!("up{n}.conv")))
        .flat_map(|path| ["0", "1", "3", "4"].map(|index| format!("{path}.double_conv.{index}")));
    let gates = levels.flat_map(|n| {
        ["W_g", "W_x", "psi"]
            .into_iter()
            .flat_map(move |part| ["0", "1"].map(|index| format!("up{n}.att.{part}.{index}")))
    });
    convolutions
        .chain(gates)
        .chain(["outc.conv".to_owned()])
        .flat_map(|layer| {
            ["weight", "bias", "running_mean", "running_var"]
                .map(|parameter| format!("{layer}.{parameter}"))
        })
}

#[cfg(test)]
mod tests {
    use super::{module_name, original_name};

    #[test]
    fn original_names_are_translated() {
        for (original, ours) in [
            ("inc.double_conv.0.weight", "encoder.inc.conv1.weight"),
            (
                "down4.maxpool_conv.1.double_conv.4.running_var",
                "encoder.down.3.norm2.running_var",
            ),
            (
                "up1.conv.double_conv.1.bias",
                "decoder.up.0.conv.norm1.beta",
            ),
            ("up4.att.W_x.0.bias", "decoder.up.3.gate.w_x.bias"),
            ("up2.att.psi.1.weight", "decoder.up.1.gate.norm_psi.gamma"),
            ("outc.conv.bias", "head.bias"),
            ("state_dict.module.outc.conv.bias", "head.bias"),
        ] {
            assert_eq!(module_name(original), ours);
            let bare = original.trim_start_matches("state_dict.module.");
            assert_eq!(original_name(ours).as_deref(), Some(bare));
        }
    }

    #[test]
    fn other_names_stay() {
        for name in [
            "encoder.inc.conv1.weight",
            "down0.conv",
            "up9",
            "inc.double_conv.2.weight",
            "",
            "up1.att.W_q.0.bias",
        ] {
            assert_eq!(module_name(name), name);
        }
        assert_eq!(original_name("head.gamma_ray"), None);
    }
}
