package dev.tailor.cli.command;

/// One thing `tailor doctor` looked at.
record Finding(String subject, Health health, String detail) {
    /// How it stands.
    enum Health {
        GOOD("ok"),
        /// Works, but slowly or not for everything.
        POOR("poor"),
        /// Something does not work without it.
        MISSING("MISS");

        private final String label;

        Health(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    static Finding good(String subject, String detail) {
        return new Finding(subject, Health.GOOD, detail);
    }

    static Finding poor(String subject, String detail) {
        return new Finding(subject, Health.POOR, detail);
    }

    static Finding missing(String subject, String detail) {
        return new Finding(subject, Health.MISSING, detail);
    }
}
