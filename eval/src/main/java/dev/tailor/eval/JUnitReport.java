package dev.tailor.eval;

import dev.tailor.core.AtomicWrite;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// Gates as a JUnit XML report, which build servers show as tests: a suite for each gate, a test
/// case for each requirement.
public final class JUnitReport {
    private JUnitReport() {}

    /// A gate.
    public record Suite(String name, List<Case> cases) {}

    /// A requirement.
    ///
    /// @param name the requirement as written
    /// @param figures what was reached and asked for
    /// @param status how it went
    public record Case(String name, String figures, Status status) {
        /// The case of a requirement that was looked at.
        public static Case of(Gate.Outcome outcome) {
            return new Case(
                    outcome.gate().path() + " " + outcome.gate().text(),
                    outcome.describe(),
                    outcome.passed() ? Status.PASSED : Status.FAILED);
        }
    }

    /// How a requirement went.
    public enum Status {
        /// It holds.
        PASSED,
        /// It does not hold.
        FAILED,
        /// The run ended before it was looked at.
        SKIPPED
    }

    /// Writes a report.
    public static void write(Path file, List<Suite> suites) {
        Path absolute = file.toAbsolutePath();
        try {
            Files.createDirectories(absolute.resolveSibling("."));
        } catch (IOException e) {
            throw AtomicWrite.failure(absolute, e);
        }
        AtomicWrite.text(absolute, xml(suites));
    }

    /// The report as text.
    public static String xml(List<Suite> suites) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeCharacters("\n");
            xml.writeStartElement("testsuites");
            counts(xml, suites.stream().flatMap(suite -> suite.cases().stream()).toList());
            for (Suite suite : suites) {
                xml.writeCharacters("\n  ");
                xml.writeStartElement("testsuite");
                xml.writeAttribute("name", clean(suite.name()));
                counts(xml, suite.cases());
                for (Case one : suite.cases()) {
                    write(xml, suite, one);
                }
                xml.writeCharacters("\n  ");
                xml.writeEndElement();
            }
            xml.writeCharacters("\n");
            xml.writeEndElement();
            xml.writeCharacters("\n");
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("the report cannot be written", e);
        }
        return text.toString();
    }

    private static void counts(XMLStreamWriter xml, List<Case> cases) throws XMLStreamException {
        xml.writeAttribute("tests", String.valueOf(cases.size()));
        xml.writeAttribute("failures", count(cases, Status.FAILED));
        xml.writeAttribute("errors", "0");
        xml.writeAttribute("skipped", count(cases, Status.SKIPPED));
    }

    private static String count(List<Case> cases, Status status) {
        return String.valueOf(cases.stream().filter(c -> c.status() == status).count());
    }

    private static void write(XMLStreamWriter xml, Suite suite, Case one)
            throws XMLStreamException {
        xml.writeCharacters("\n    ");
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", clean("gate." + suite.name()));
        xml.writeAttribute("name", clean(one.name()));
        xml.writeAttribute("time", "0");
        switch (one.status()) {
            case PASSED -> {
                xml.writeStartElement("system-out");
                xml.writeCharacters(clean(one.figures()));
                xml.writeEndElement();
            }
            case FAILED -> {
                xml.writeStartElement("failure");
                xml.writeAttribute("type", "gate");
                xml.writeAttribute("message", clean(one.figures()));
                xml.writeEndElement();
            }
            case SKIPPED -> {
                xml.writeStartElement("skipped");
                xml.writeAttribute("message", clean(one.figures()));
                xml.writeEndElement();
            }
        }
        xml.writeEndElement();
    }

    /// Names come from files: what XML 1.0 cannot hold becomes a question mark.
    private static String clean(String text) {
        StringBuilder clean = new StringBuilder();
        text.codePoints()
                .map(c ->
                        c == '\t'
                                        || c == '\n'
                                        || (c >= 0x20 && c < 0xd800)
                                        || (c >= 0xe000 && c < 0xfffe)
                                        || c > 0xffff
                                ? c
                                : '?')
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
