"""What a run leaves for people: lines, a page, a picture, files that replace nothing unasked."""

from __future__ import annotations

import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from hqn.runtime.curve import curve_svg
from hqn.runtime.errors import OutputExists
from hqn.runtime.loading import load
from hqn.runtime.report import FILES, final_lines, progress_line, refuse_existing_run, save_run, summary
from hqn.runtime.results import Progress, Result
from support.emitted_digits import TEXT


@pytest.fixture(scope="module")
def result() -> Result:
    return load(TEXT, "mlp <&>.hqn").runs["fit"].fit(seeds=(0, 1))


def test_a_progress_line() -> None:
    progress = Progress("fit", 0, 7, 30, 161, (0.12345,), {"acc": 0.9611}, 0.00041)
    assert progress_line(progress) == "fit  epoch  7/30  loss 0.1235  acc 0.9611  0.41 ms/step"


def test_final_lines_name_every_figure(result: Result) -> None:
    lines = "\n".join(final_lines(result))
    for text in ("acc: median", "over 2 seeds", "parameters: 1,210", "ms (after", "acc[last] >= 0.9: holds"):
        assert text in lines


def test_the_summary_is_one_page_of_tables(result: Result) -> None:
    page = summary(result)
    assert page.startswith("# mlp <&>.hqn: run `fit`\n")
    assert "| 1 | 5 | 115 |" in page
    assert "train 1,437, test 360 samples" in page
    assert len(page.splitlines()) < 60


def test_the_curve_is_a_picture_of_every_series(result: Result) -> None:
    root = xml.fromstring(curve_svg(result))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert [len(line.attrib["points"].split()) for line in lines] == [5, 6], "losses, and acc from epoch 0"
    for line in lines:
        for point in line.attrib["points"].split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 640
            assert 0 <= y <= 300


def test_files_replace_nothing_unasked(result: Result, tmp_path: Path) -> None:
    folder = tmp_path / "build" / "fit"
    refuse_existing_run(str(folder), force=False)
    save_run(result, str(folder), beside={"vqc.qasm": b"OPENQASM 3.0;\n"})
    assert sorted(path.name for path in folder.iterdir()) == sorted((*FILES, "vqc.qasm"))
    assert (folder / "module.py").read_text() == TEXT
    with pytest.raises(OutputExists, match="HQN0823"):
        refuse_existing_run(str(folder), force=False)
    with pytest.raises(OutputExists, match="HQN0823"):
        save_run(result, str(folder))
    save_run(result, str(folder), force=True)
