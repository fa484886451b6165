package dev.tailor.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.eval.JUnitReport.Case;
import dev.tailor.eval.JUnitReport.Status;
import dev.tailor.eval.JUnitReport.Suite;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

import java.io.StringReader;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;

class JUnitReportTest {
    @Test
    void xml_requirements_areTestCases() throws Exception {
        Document document =
                parsed(
                        JUnitReport.xml(
                                List.of(
                                        new Suite(
                                                "gate",
                                                List.of(
                                                        new Case("a.b > 1", "2", Status.PASSED),
                                                        new Case(
                                                                "a.c < \"<&>\" \u0000",
                                                                "is 3 & more",
                                                                Status.FAILED))),
                                        new Suite(
                                                "late",
                                                List.of(new Case("x", "-", Status.SKIPPED))))));
        Element root = document.getDocumentElement();
        assertThat(root.getTagName()).isEqualTo("testsuites");
        assertThat(root.getAttribute("tests")).isEqualTo("3");
        assertThat(root.getAttribute("failures")).isEqualTo("1");
        assertThat(root.getAttribute("skipped")).isEqualTo("1");
        Element failed = (Element) document.getElementsByTagName("testcase").item(1);
        assertThat(failed.getAttribute("name")).isEqualTo("a.c < \"<&>\" ?");
        assertThat(failed.getAttribute("classname")).isEqualTo("gate.gate");
        assertThat(
                        ((Element) failed.getElementsByTagName("failure").item(0))
                                .getAttribute("message"))
                .isEqualTo("is 3 & more");
    }

    private static Document parsed(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)));
    }
}
