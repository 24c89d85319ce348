"""Colours of drawings: contrast as WCAG 2 defines it."""

import pytest

from engine.render import style


def luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("text", [style.INK, style.QUIET, style.ADJOINT])
@pytest.mark.parametrize(
    "paper", [style.PAPER, style.GIVEN, style.RESULT, style.ADJOINT_PAPER, style.OPERATION["fillcolor"]]
)
def test_text_has_more_contrast_than_level_aa_asks(text, paper):
    assert contrast(text, paper) >= 5.5


@pytest.mark.parametrize("line", [style.LINE, style.GIVEN_LINE, style.ADJOINT_LINE, style.RESULT_LINE])
def test_lines_have_the_contrast_of_level_aa(line):
    assert contrast(line, style.PAPER) >= 3.0


@pytest.mark.parametrize("text", [style.INK, style.QUIET, style.ADJOINT])
@pytest.mark.parametrize(
    "paper", [style.PAPER, style.GIVEN, style.RESULT, style.ADJOINT_PAPER, style.OPERATION["fillcolor"]]
)
def test_dark_text_has_the_contrast_of_light_text(text, paper):
    assert contrast(style.DARK[text], style.DARK[paper]) >= 5.5


@pytest.mark.parametrize("line", [style.LINE, style.GIVEN_LINE, style.ADJOINT_LINE, style.RESULT_LINE])
def test_dark_lines_have_the_contrast_of_level_aa(line):
    assert contrast(style.DARK[line], style.DARK[style.PAPER]) >= 3.0
