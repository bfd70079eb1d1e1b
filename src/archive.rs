//! Several files in one: the ZIP format around files that stay where they are.
//!
//! Only what stands before, between and after the files is made here. So an archive of many pictures can be put together
//! of parts that are never in memory, which no library does. Files are stored as they are, PNG files being compressed already.

use std::ops::RangeInclusive;

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use crc32fast::Hasher;

/// The largest archive and the most files that the plain format has numbers for.
const MOST_BYTES: u64 = u32::MAX as u64;
const MOST_FILES: u16 = u16::MAX - 1;

/// The check sum of the format, by a small table: what is downloaded with the page counts more than speed.
const CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// The check sum of a file's bytes, as the format has it.
pub fn crc32(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}

/// The check sum of a file of two parts, from theirs and the number of the second's bytes.
pub fn crc32_of_both(first: u32, second: u32, second_bytes: u64) -> u32 {
    let mut both = Hasher::new_with_initial(first);
    both.combine(&Hasher::new_with_initial_len(second, second_bytes));
    both.finalize()
}

/// The version of the format that a reader has to know: 2.0.
const VERSION: u16 = 20;

/// File names are UTF-8.
const FLAGS: u16 = 1 << 11;

/// The years that the format knows.
const YEARS: RangeInclusive<u32> = 1980..=2107;

/// An archive that is being written: what there is so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// What its directory says of its files.
    directory: Vec<u8>,
    files: u16,
    bytes: u64,
    modified: Modified,
}

/// When all its files were modified, as the format has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Modified {
    time: u16,
    date: u16,
}

impl Default for Archive {
    /// Its files are as old as the format knows.
    fn default() -> Self {
        Self::of([1980, 1, 1, 0, 0, 0])
    }
}

impl Archive {
    /// With files of this local time: year, month, day, hour, minute, second.
    pub fn of([year, month, day, hour, minute, second]: [u32; 6]) -> Self {
        let year = year.clamp(*YEARS.start(), *YEARS.end()) - YEARS.start();
        Self {
            directory: Vec::new(),
            files: 0,
            bytes: 0,
            modified: Modified {
                time: (hour << 11 | minute << 5 | (second / 2)) as u16,
                date: (year << 9 | month << 5 | day) as u16,
            },
        }
    }

    /// What has to stand before a file of so many bytes, by its name, which no other has, and its check sum (CRC-32).
    /// None where the file does not fit in any more.
    pub fn add(&mut self, name: &str, bytes: u64, crc32: u32) -> Option<Vec<u8>> {
        let offset = u32::try_from(self.bytes).ok()?;
        let description = self.description(name, u32::try_from(bytes).ok()?, crc32)?;

        let mut header = b"PK\x03\x04".to_vec();
        header.extend(&description);
        header.extend(name.bytes());

        let mut entry = b"PK\x01\x02".to_vec();
        entry.extend(VERSION.to_le_bytes());
        entry.extend(&description);
        // No comment, disk and attributes.
        entry.extend([0; 10]);
        entry.extend(offset.to_le_bytes());
        entry.extend(name.bytes());

        let total = self.bytes + header.len() as u64 + bytes;
        let directory = (self.directory.len() + entry.len()) as u64;
        if total + directory + END_BYTES > MOST_BYTES || self.files == MOST_FILES {
            return None;
        }
        self.bytes = total;
        self.directory.extend(entry);
        self.files += 1;
        Some(header)
    }

    /// What the header and the directory both say of a file.
    fn description(&self, name: &str, bytes: u32, crc32: u32) -> Option<Vec<u8>> {
        let Modified { time, date } = self.modified;
        let (method, name, no_extra) = (0, u16::try_from(name.len()).ok()?, 0_u16);
        let mut description = Vec::new();
        for number in [VERSION, FLAGS, method, time, date] {
            description.extend(number.to_le_bytes());
        }
        for number in [crc32, bytes, bytes] {
            description.extend(number.to_le_bytes());
        }
        for number in [name, no_extra] {
            description.extend(number.to_le_bytes());
        }
        Some(description)
    }

    /// What has to stand after the last file.
    pub fn finish(self) -> Vec<u8> {
        let directory = self.directory.len() as u32;
        let mut end = self.directory;
        end.extend(b"PK\x05\x06");
        for number in [0, 0, self.files, self.files] {
            end.extend(number.to_le_bytes());
        }
        end.extend(directory.to_le_bytes());
        end.extend((self.bytes as u32).to_le_bytes());
        end.extend(0_u16.to_le_bytes());
        end
    }
}

/// Bytes of the end of the directory.
const END_BYTES: u64 = 22;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    #[test]
    fn an_unpacker_finds_the_files() {
        let files = [
            ("wall.mask.png", "a mask"),
            ("wall (2).mask.png", "of another wall"),
            ("Brücke.overlay.png", ""),
            ("cracks.csv", "photo,crack\r\n"),
        ];
        let mut archive = Archive::of([2026, 11, 27, 19, 8, 59]);
        let mut bytes = Vec::new();
        for (name, content) in files {
            let crc32 = super::crc32(content.as_bytes());
            bytes.extend(archive.add(name, content.len() as u64, crc32).unwrap());
            bytes.extend(content.bytes());
        }
        bytes.extend(archive.finish());

        let mut unpacked = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut found = Vec::new();
        for index in 0..unpacked.len() {
            let mut file = unpacked.by_index(index).unwrap();
            let mut content = String::new();
            let time = file.last_modified().unwrap().to_string();
            assert_eq!(time, "2026-11-27 19:08:58");
            // Checks the sums, too.
            file.read_to_string(&mut content).unwrap();
            found.push((file.name().unwrap().into_owned(), content));
        }
        let expected = files.map(|(name, content)| (name.to_owned(), content.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_sum_of_a_file_is_known_from_its_parts() {
        for (first, second) in [
            ("", ""),
            ("crack", ""),
            ("", "width"),
            ("crack", " and width"),
        ] {
            let both = crc32_of_both(
                crc32(first.as_bytes()),
                crc32(second.as_bytes()),
                second.len() as u64,
            );
            assert_eq!(both, crc32(format!("{first}{second}").as_bytes()));
        }
    }

    #[test]
    fn what_the_format_has_no_numbers_for_is_refused() {
        let mut archive = Archive::default();
        assert!(archive.add("a", MOST_BYTES + 1, 0).is_none());
        assert!(archive.add("a", 3 << 30, 0).is_some());
        assert!(archive.add("b", 3 << 30, 0).is_none());
        assert!(archive.add("b", 1 << 20, 0).is_some());
        // To the last byte: with what stands before it, in the directory, and at the end.
        let most = MOST_BYTES - 31 - 47 - END_BYTES;
        assert!(Archive::default().add("a", most, 0).is_some());
        assert!(Archive::default().add("a", most + 1, 0).is_none());
        let mut archive = Archive::default();
        assert!((0..MOST_FILES).all(|_| archive.add("a", 0, 0).is_some()));
        assert!(archive.add("a", 0, 0).is_none());
        assert!(zip::ZipArchive::new(Cursor::new(Archive::default().finish())).is_ok());
    }
}
