"""``python -m engine "tanh(w*x + b)" w=2 x=-1 b=0.5``: see `engine.command_line`."""

from engine.command_line import run_as_program

if __name__ == "__main__":
    raise SystemExit(run_as_program())
