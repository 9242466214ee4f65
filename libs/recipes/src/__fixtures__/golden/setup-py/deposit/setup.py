from setuptools import setup

setup(name='figures', install_requires=['six'])
