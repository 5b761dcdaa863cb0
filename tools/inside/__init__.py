"""Programs that run inside the sandbox, as the package `inside` under /box/.autonomy: standard library and toolchain only.

They share their process with generated code, so what they report is a claim; the host reads it size-capped and clamped.
"""
