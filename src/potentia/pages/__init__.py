"""Reports as one HTML page: Plotly draws, Jinja fills the template, and nothing is loaded from
anywhere else."""
