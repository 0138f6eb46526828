from fastapi import FastAPI

app = FastAPI()

<<<<<<< ours
X = 1
=======
X = 2
>>>>>>> theirs
