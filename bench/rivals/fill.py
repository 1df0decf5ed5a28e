"""Fills in the templates beside it."""


def fill(template, sinks, **names):
    """The text of a template with every @NAME@ replaced.

    A line that holds @SINK@ is repeated once for each of the receivers' ports, with @N@ as a running number from 1.
    A name that is left over is an error; comment lines may mention names freely.
    """
    lines = []
    for line in template.splitlines():
        if line.lstrip().startswith("#"):
            lines.append(line)
        elif "@SINK@" in line:
            lines += [line.replace("@SINK@", str(s)).replace("@N@", str(n)) for n, s in enumerate(sinks, 1)]
        else:
            for name, value in names.items():
                line = line.replace(f"@{name}@", str(value))
            if "@" in line:
                raise ValueError(f"nobody said what to put here: {line.strip()}")
            lines.append(line)
    return "\n".join(lines) + "\n"
