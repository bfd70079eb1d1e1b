//! Randomness that is the same everywhere, and smooth noise over the plane.

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and good enough for pictures.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        scramble(self.0)
    }

    /// 0 to 1, 1 excluded.
    pub(super) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u32 << 24) as f32
    }

    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// About normal: mean 0, deviation 1 (the sum of four uniform values).
    pub(super) fn normal(&mut self) -> f32 {
        let sum: f32 = (0..4).map(|_| self.unit()).sum();
        (sum - 2.0) * 3.0_f32.sqrt()
    }

    /// One of 0..count.
    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f32) as usize
    }

    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }
}

fn scramble(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// Gradient noise (Perlin) of wavelength 1: smooth, about -1 to 1, mean 0, deviation near 0.35.
#[derive(Clone, Copy)]
pub(super) struct Noise(u64);

impl Noise {
    pub(super) fn new(random: &mut Random) -> Self {
        Self(random.next())
    }

    pub(super) fn at(self, x: f32, y: f32) -> f32 {
        let (column, row) = (x.floor(), y.floor());
        let (dx, dy) = (x - column, y - row);
        let corner = |right: i32, below: i32| {
            let [gx, gy] = self.gradient(column as i32 + right, row as i32 + below);
            gx * (dx - right as f32) + gy * (dy - below as f32)
        };
        let ease = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
        let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
        let above = mix(corner(0, 0), corner(1, 0), ease(dx));
        let below = mix(corner(0, 1), corner(1, 1), ease(dx));
        1.5 * mix(above, below, ease(dy))
    }

    fn gradient(self, column: i32, row: i32) -> [f32; 2] {
        let bits = scramble(self.0 ^ (u64::from(column as u32) << 32 | u64::from(row as u32)));
        let component = |bits: u64| (bits & 0xFFFF) as f32 / 32_768.0 - 1.0;
        [component(bits), component(bits >> 16)]
    }

    /// `octaves` layers, each of half the wavelength and `gain` times the height of the one before.
    pub(super) fn fractal(self, x: f32, y: f32, octaves: u32, gain: f32) -> f32 {
        let mut sum = 0.0;
        let (mut scale, mut height) = (1.0, 1.0);
        for octave in 0..octaves {
            // Shifted, or all layers would be 0 at the same corners.
            let shift = octave as f32 * 17.31;
            sum += height * self.at(x * scale + shift, y * scale - shift);
            scale *= 2.0;
            height *= gain;
        }
        sum
    }
}
