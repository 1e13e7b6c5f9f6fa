//! Programs as a linker might have left them, laid out by hand: only what a loader looks at before it starts one.
#![allow(dead_code, reason = "each test binary uses a part")]

/// ELF's numbers for the processors.
pub const ARM64: u16 = 183;
pub const X86_64: u16 = 62;

/// A program for Linux.
pub struct Program<'a> {
    pub processor: u16,
    pub interpreter: Option<&'a str>,
    pub libraries: &'a [&'a str],
    pub versions: &'a [Version<'a>],
}

/// A version of a library's symbols that the program asks for.
pub struct Version<'a> {
    pub library: &'a str,
    pub name: &'a str,
    /// The symbol that asks, if one does.
    pub symbol: Option<&'a str>,
    /// Whether it starts without.
    pub weak: bool,
}

impl<'a> Version<'a> {
    /// What `symbol` of the C library came with.
    pub fn of_libc(name: &'a str, symbol: &'a str) -> Self {
        Self {
            library: "libc.so.6",
            name,
            symbol: Some(symbol),
            weak: false,
        }
    }
}

impl Program<'_> {
    /// What rustc makes, without the code.
    pub fn usual(processor: u16) -> Self {
        let interpreter = match processor {
            ARM64 => "/lib/ld-linux-aarch64.so.1",
            _ => "/lib64/ld-linux-x86-64.so.2",
        };
        Self {
            processor,
            interpreter: Some(interpreter),
            libraries: &["libgcc_s.so.1", "libc.so.6"],
            versions: &[],
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        const HEADER: usize = 64;
        const PROGRAM_HEADER: usize = 56;
        let mut strings = Strings(vec![0]);
        let mut symbols = vec![0; 24];
        let mut symbol_versions = vec![0, 0];
        let mut needs = Vec::new();
        for (index, version) in self.versions.iter().enumerate() {
            let number = u16::try_from(index + 2).unwrap();
            // Verneed: version, count, file, offset of the Vernaux, offset of the next.
            let last = index + 1 == self.versions.len();
            needs.extend([1_u16, 1].map(u16::to_le_bytes).concat());
            needs.extend(strings.add(version.library).to_le_bytes());
            needs.extend(
                [16_u32, if last { 0 } else { 32 }]
                    .map(u32::to_le_bytes)
                    .concat(),
            );
            // Vernaux: hash, flags, number, name, offset of the next.
            needs.extend(0_u32.to_le_bytes());
            needs.extend(
                [u16::from(version.weak) * 2, number]
                    .map(u16::to_le_bytes)
                    .concat(),
            );
            needs.extend(
                [strings.add(version.name), 0]
                    .map(u32::to_le_bytes)
                    .concat(),
            );
            if let Some(symbol) = version.symbol {
                // Undefined, global, a function.
                symbols.extend(strings.add(symbol).to_le_bytes());
                symbols.extend([0x12, 0, 0, 0]);
                symbols.extend([0; 16]);
                symbol_versions.extend(number.to_le_bytes());
            }
        }
        let mut dynamic = Vec::new();
        for library in self.libraries {
            let needed = 1_u64;
            dynamic.extend(
                [needed, u64::from(strings.add(library))]
                    .map(u64::to_le_bytes)
                    .concat(),
            );
        }
        dynamic.extend([0; 16]);
        let interpreter = match self.interpreter {
            Some(path) => format!("{path}\0").into_bytes(),
            None => Vec::new(),
        };

        // Type, section that it refers to, further number, size of an entry, content.
        let sections: [(u32, u32, u32, u64, Vec<u8>); 5] = [
            (3, 0, 0, 0, strings.0),                 // .dynstr
            (11, 1, 1, 24, symbols),                 // .dynsym
            (0x6fff_ffff, 2, 0, 2, symbol_versions), // .gnu.version
            (
                0x6fff_fffe,
                1,
                u32::try_from(self.versions.len()).unwrap(),
                0,
                needs,
            ), // .gnu.version_r
            (6, 1, 0, 16, dynamic),                  // .dynamic
        ];
        let mut body = interpreter.clone();
        let mut headers = vec![0; 64];
        let start = HEADER + PROGRAM_HEADER;
        for (kind, link, info, entry, content) in &sections {
            body.resize(body.len().next_multiple_of(8), 0);
            let offset = u64::try_from(start + body.len()).unwrap();
            headers.extend([0, *kind].map(u32::to_le_bytes).concat());
            let size = content.len() as u64;
            headers.extend([2, offset, offset, size].map(u64::to_le_bytes).concat());
            headers.extend([*link, *info].map(u32::to_le_bytes).concat());
            headers.extend([8, *entry].map(u64::to_le_bytes).concat());
            body.extend(content);
        }
        body.resize(body.len().next_multiple_of(8), 0);

        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        file.resize(16, 0);
        // A shared object, as position-independent programs are.
        file.extend([3, self.processor].map(u16::to_le_bytes).concat());
        file.extend(1_u32.to_le_bytes());
        let section_headers = (start + body.len()) as u64;
        file.extend(
            [0, HEADER as u64, section_headers]
                .map(u64::to_le_bytes)
                .concat(),
        );
        file.extend(0_u32.to_le_bytes());
        let programs = u16::from(!interpreter.is_empty());
        let count = u16::try_from(sections.len() + 1).unwrap();
        let sizes = [HEADER as u16, PROGRAM_HEADER as u16, programs, 64, count, 1];
        file.extend(sizes.map(u16::to_le_bytes).concat());
        // PT_INTERP, readable.
        file.extend([3_u32, 4].map(u32::to_le_bytes).concat());
        let (offset, size) = (start as u64, interpreter.len() as u64);
        file.extend(
            [offset, offset, offset, size, size, 1]
                .map(u64::to_le_bytes)
                .concat(),
        );
        file.extend(body);
        file.extend(headers);
        file
    }
}

struct Strings(Vec<u8>);

impl Strings {
    fn add(&mut self, text: &str) -> u32 {
        let offset = u32::try_from(self.0.len()).unwrap();
        self.0.extend(text.bytes());
        self.0.push(0);
        offset
    }
}
