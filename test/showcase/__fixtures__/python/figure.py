"""A damped oscillation, a fit of it, and the figure of both."""

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "envarium"

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.optimize import curve_fit


def oscillation(t, amplitude, decay, frequency):
    return amplitude * np.exp(-decay * t) * np.cos(frequency * t)


rng = np.random.default_rng(20260101)
t = np.linspace(0, 10, 200)
measured = oscillation(t, 2.0, 0.3, 3.0) + rng.normal(0, 0.05, t.size)
parameters, covariance = curve_fit(oscillation, t, measured, p0=[1.5, 0.2, 2.9])
table = pd.DataFrame(
    {"parameter": ["amplitude", "decay", "frequency"], "value": parameters, "error": np.sqrt(np.diag(covariance))}
)
table.to_csv("fit.csv", index=False, float_format="%.8f")

figure, axes = plt.subplots(figsize=(6, 4))
axes.plot(t, measured, ".", markersize=3, label="measured")
axes.plot(t, oscillation(t, *parameters), label="fitted")
axes.set_xlabel("time (s)")
axes.set_ylabel("amplitude")
axes.legend()
figure.savefig("figure3.svg", metadata={"Date": None})
